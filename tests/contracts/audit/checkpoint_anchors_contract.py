"""What any keeper of anchors must do; run against memory, a folder and a bucket."""

from ports.audit.checkpoint_anchors import CheckpointAnchors


class CheckpointAnchorsContract:
    async def test_each_is_created_once_and_never_replaced(
        self, anchors: CheckpointAnchors
    ) -> None:
        """
        The smallest first; another note of the same size is kept beside the first.
        """
        assert await anchors.notes() == []
        assert await anchors.put(10, "ten\n")
        assert await anchors.put(9, "nine\n")

        assert not await anchors.put(10, "ten\n")
        assert await anchors.put(10, "another\n")
        kept = [*await anchors.notes()]
        assert kept[0] == "nine\n"
        assert sorted(kept[1:]) == ["another\n", "ten\n"]
