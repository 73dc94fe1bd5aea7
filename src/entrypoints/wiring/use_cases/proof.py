"""The proof pack of a payment."""

from dependency_injector import containers, providers

from application.proof.make_proof import MakeProof
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock
from ports.proof.proof_contents import ProofPage


class Proof(containers.DeclarativeContainer):
    storage = NamedDependencies()
    audit = NamedDependencies()
    documents = NamedDependencies()
    page: providers.Dependency[ProofPage] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    make_proof = providers.Singleton(
        MakeProof,
        payments=storage.payment_queries,
        refunds=storage.refund_queries,
        audit=storage.audit_reads,
        prove=audit.prove_entries,
        reads=storage.proof_reads,
        records=audit.read_records,
        filed=storage.filed_documents,
        fetch_file=documents.fetch_file,
        ledger=storage.ledger,
        settlements=storage.settlement_reads,
        discrepancies=storage.discrepancies,
        page=page,
        signer=audit.signer,
        unit_of_work=storage.unit_of_work,
        clock=clock,
    )
