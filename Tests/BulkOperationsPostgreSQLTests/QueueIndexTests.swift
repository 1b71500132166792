#if PostgreSQL
import BulkOperations
import BulkOperationsPostgreSQL
import HTTPPipeline
import NIOCore
import PipelineTesting
import PostgreSQLTransport
import Repositories
import TestSupport
import Testing

/// The plans of the queue's statements.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct QueueIndexTests {
    private let time = ManualTimeSource()

    @Test func `Every look-up of the queue uses an index`() async throws {
        // Statements that one connection has prepared.
        let database = try await QueueDatabase {
            $0.maximumConnections = 1
            $0.statementCacheSize = 1000
        }
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        for _ in 0..<2 { try await useEverything(queue, database.repository) }
        // The tables are small, so PostgreSQL would read them as a whole.
        let plans = try await plans(of: database.client, "SET enable_seqscan = off; DISCARD PLANS")
        #expect(plans.count > 25)
        for (statement, lines) in plans {
            // One row for each user, and one row.
            for line in lines where line.contains("Seq Scan on bulk_") {
                let isSmall = ["bulk_users", "bulk_leases"].contains { line.contains("Seq Scan on \($0)") }
                #expect(isSmall, "\(line) in \(statement)")
            }
        }
    }

    @Test func `Statements that were planned for empty tables use indexes for large ones`() async throws {
        let database = try await QueueDatabase { $0.maximumConnections = 1 }
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        for _ in 0..<2 { try await useEverything(queue, database.repository) }
        _ = try await queue.submit((0..<2000).map { ["\($0)"] }, at: time)
        let plans = try await plans(of: database.client, "SET jit = off")
        for (statement, lines) in plans where statement.hasPrefix("WITH turn") {
            for line in lines { #expect(!line.contains("Seq Scan on bulk_parts"), "\(line)") }
            // Of an operation whose parts have ended but for the last ones, only these are read.
            #expect(lines.contains { $0.contains("Index Scan using bulk_parts_unfinished") })
        }
    }

    /// Returns the statements about the tables of the queue that a client's only connection has prepared, with the lines of their plans.
    private func plans(
        of client: PostgreSQLClient, _ setting: String
    ) async throws -> [(statement: String, lines: [String])] {
        try await client.withConnection { connection in
            try await connection.executeScript(
                "SET plan_cache_mode = force_generic_plan; \(setting)")
            let prepared = try await connection.execute(
                """
                SELECT name, cardinality(parameter_types), statement FROM pg_prepared_statements
                WHERE statement LIKE '%bulk\\_%' ORDER BY statement
                """)
            var plans: [(String, [String])] = []
            for row in 0..<prepared.rowCount {
                let nulls = Array(repeating: "NULL", count: Int(prepared.integer(row, 1) ?? 0))
                let plan = try await connection.execute(
                    "EXPLAIN EXECUTE \"\(prepared.text(row, 0) ?? "")\""
                        + (nulls.isEmpty ? "" : "(\(nulls.joined(separator: ", ")))"))
                let lines = (0..<plan.rowCount).map { plan.text($0, 0) ?? "" }
                plans.append((prepared.text(row, 2) ?? "", lines))
            }
            return plans
        }
    }

    /// Uses all functions of a queue.
    private func useEverything(_ queue: PostgreSQLBulkQueue, _ repository: any Repository) async throws {
        for (index, user) in ["ann", "bob", "cid"].enumerated() {
            let id = try await queue.submit([["a"], ["b"], ["c"]], for: user, at: time)
            let lease = try #require(try await queue.lease(by: "w", of: ["places"]))
            #expect(try await queue.extend(lease))
            switch index {
            case 0:
                #expect(try await queue.carryOut(lease, on: repository) { _ in ChunkWork([]) { _ in ChunkOutcome() } })
                try await queue.acknowledge(lease)
            case 1:
                try await queue.retry(lease, after: CancellationError())
                time.advance(by: .seconds(31))
                while try await queue.lease(by: "w", of: ["places"]) != nil { time.advance(by: .seconds(31)) }
            default: _ = try await queue.cancel(id)
            }
            _ = try await queue.operation(id)
            _ = try await queue.operations(of: user, state: .queued, before: id, limit: 10)
            var query = PartQuery(of: id)
            _ = try await queue.parts(query)
            (query.hasFailures, query.includesItems) = (true, true)
            _ = try await queue.parts(query)
            _ = try await queue.depth()
            time.advance(by: .seconds(1))
        }
        let request = OperationRequest(.create, of: "people", for: "dan")
        let upload = BulkOperation(OperationID(at: time.now), request, createdAt: time.now)
        try await queue.open(upload, idempotencyKey: nil)
        try await queue.discard(upload.id)
        time.advance(by: .seconds(1_000_000))
        try await queue.removeExpired()
    }
}
#endif
