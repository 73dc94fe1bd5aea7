"""The pages as a browser reaches them: signing in, visiting, and keeping pictures."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Page

from browser.accessibility import check_accessibility
from domain.staff.access import Role
from worlds.http import HttpWorld

PICTURES: Final = "SHULK_TEST_PICTURES"
PICTURE_MS_MAX: Final = 300_000
"""Name of a variable with a folder: every page a test has looked at is kept there as a picture."""

WIDE: Final = 1280
NARROW: Final = 390
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


@dataclass(slots=True)
class Site:
    """A browser at the pages of *world*; *complaints* are what it reported."""

    world: HttpWorld
    address: str
    page: Page
    complaints: list[str]

    async def visit(self, path: str) -> None:
        await self.page.goto(f"{self.address}{path}")

    async def come_in(self, who: str = "asha", *roles: str) -> None:
        """Sign *who* in as the platform does: a form with its token, posted by the browser."""
        token = self.world.token(who, *roles)
        await self.visit("/")
        await self.page.evaluate(
            """token => {
              const form = document.createElement("form");
              form.method = "post";
              form.action = "/session/exchange";
              const field = document.createElement("input");
              field.name = "token";
              field.value = token;
              form.append(field);
              document.body.append(form);
              form.submit();
            }""",
            token,
        )
        await self.page.get_by_role("button", name="Sign out").wait_for()

    async def into_console(self, who: str = "farhan", *roles: Role) -> None:
        """Open the console to *who*, an officer of finance unless *roles* say something else."""
        given = roles or (Role.FINANCE,)
        seed = self.world.add_member(who, *given)
        await self.come_in(who, *(role.value for role in given))
        await self.page.get_by_label("Code of six digits").fill(self.world.code(seed))
        await self.page.get_by_role("button", name="Open the console").click()
        await self.page.locator(".menu").wait_for(state="attached")

    async def go_to(self, word: str) -> None:
        """Open the page that the console's navigation calls *word*; on a phone that is folded."""
        # Without its stylesheets a page shows the navigation twice.
        await self.page.wait_for_load_state("load")
        menu = self.page.locator(".menu > summary")
        if await menu.is_visible():
            await menu.press("Enter")
        await self.page.get_by_role("navigation", name="Console").get_by_text(word).click()

    async def picture(self, name: str, *, is_long: bool = False) -> None:
        """
        Look at the page at both widths, light and dark: nothing overflows sideways, and axe finds no violation.

        At each width all rules are checked once, and what a scheme can change, its colours, in both; of a page that
        *is_long*, each scheme at one width. Pictures are kept when somebody wants to look.
        """
        folder = os.environ.get(PICTURES)
        # What is awaited before may be there before the stylesheets are.
        await self.page.wait_for_load_state("load")
        for width, looked_at in ((WIDE, "light"), (NARROW, "dark")):
            await self.page.set_viewport_size({"width": width, "height": 900})
            too_wide = await self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
            assert not too_wide, f"{name} overflows at {width} pixels"
            for scheme in SCHEMES:
                # A colour that is still on its way to the other scheme is neither of the two.
                await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                where = f"{name} at {width} pixels, {scheme}"
                if scheme == looked_at or not is_long:
                    await check_accessibility(self.page, where, colours_only=scheme != looked_at)
                if folder:
                    path = Path(folder) / f"{name}-{width}-{scheme}.png"
                    # A page with all operations takes longer than a picture usually may.
                    await self.page.screenshot(path=path, full_page=True, timeout=PICTURE_MS_MAX)
        await self.page.emulate_media(color_scheme="null", reduced_motion="null")
