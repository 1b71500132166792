#if PostgreSQL
import Foundation
import HTTPPipeline
import NIOCore
import PipelineTesting
import PostgreSQLTransport
import Repositories
import Synchronization
import TestSupport
import Testing

@testable import BulkOperations
@testable import BulkOperationsPostgreSQL

/// Statements of the queue that fail, wait or repeat.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct QueueFaultTests {
    private let time = ManualTimeSource()

    /// Records statements.
    private final class Statements: Sendable {
        private let texts = Mutex<[String]>([])

        func add(_ text: String) { texts.withLock { $0.append(text) } }

        func count(containing part: String = "") -> Int {
            texts.withLock { $0.count { part.isEmpty || $0.contains(part) } }
        }
    }

    @Test func `A lease that does not reach its worker is undone`() async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        let id = try await queue.submit([["a"]], at: time)
        try await database.client.withConnection { connection in
            try await connection.executeScript(
                """
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END';
                CREATE TRIGGER refuse BEFORE UPDATE ON bulk_operations FOR EACH ROW EXECUTE FUNCTION refuse();
                """)
        }
        for _ in 0..<5 {
            await #expect(throws: PostgreSQLError.self) { try await queue.lease(by: "w", of: ["places"]) }
        }
        _ = try await database.client.execute("DROP TRIGGER refuse ON bulk_operations")
        let lease = try #require(try await queue.lease(by: "w", of: ["places"]), "no lease was lost")
        #expect(lease.attempt == 1)
        #expect(lease.token == 6, "each lease has a greater one")
        #expect(try await queue.carryOut(lease, on: database.repository, namedRows))
        try await queue.acknowledge(lease)
        #expect(try await queue.operation(id)?.state == .completed)
    }

    @Test func `A failing end of expired leases keeps no part from its worker`() async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        _ = try await queue.submit([["a"], ["b"]], at: time)
        let expired = try #require(try await queue.lease(by: "first", of: ["places"]))
        try await database.client.withConnection { connection in
            try await connection.executeScript(
                """
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END';
                CREATE TRIGGER refuse BEFORE UPDATE ON bulk_parts FOR EACH ROW WHEN (new.lease_until IS NULL)
                EXECUTE FUNCTION refuse();
                """)
        }
        time.advance(by: .seconds(31))
        let lease = try #require(try await queue.lease(by: "second", of: ["places"]))
        #expect(lease.part != expired.part)
        await #expect(throws: PostgreSQLError.self, "there is no other part") {
            try await queue.lease(by: "third", of: ["places"])
        }
    }

    @Test func `A part that takes longer than its lease causes no transactions`() async throws {
        let statements = Statements()
        let database = try await QueueDatabase { $0.onStatement = { statements.add($0) } }
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        _ = try await queue.submit([["a"]], at: time)
        let lease = try #require(try await queue.lease(by: "w", of: ["places"]))
        let (isWriting, isDone) = (OperationChanges(), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup { group in
            group.addTask {
                _ = try await queue.carryOut(lease, on: database.repository) { part in
                    let work = namedRows(part)
                    return ChunkWork(work.writes) { results in
                        isWriting.notify()
                        isDone.wait()
                        return work.outcome(results)
                    }
                }
            }
            await isWriting.wait(after: 0, upTo: .seconds(60))
            time.advance(by: .seconds(31))
            let count = statements.count()
            for _ in 0..<3 { #expect(try await queue.lease(by: "other", of: ["places"]) == nil) }
            #expect(statements.count() == count + 3, "one statement each")
            isDone.signal()
            try await group.waitForAll()
        }
        try await queue.acknowledge(lease)
    }

    @Test(arguments: [false, true])
    func `A removed upload leaves nothing of a chunk that was arriving`(isExpired: Bool) async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        let operation = BulkOperation(
            OperationID(at: time.now), OperationRequest(.create, of: "places", for: "ann"), createdAt: time.now)
        try await queue.open(operation, idempotencyKey: nil)
        try await queue.append(Self.chunk(0), to: operation.id)
        if isExpired { time.advance(by: .seconds(3600)) }
        try await withThrowingTaskGroup { group in
            try await database.client.withTransaction { connection in
                // What storing a chunk does, without its end.
                try await connection.executeScript(
                    """
                    UPDATE bulk_operations SET total = total + 1; UPDATE bulk_users SET byte_count = byte_count + 0;
                    INSERT INTO bulk_chunks SELECT sequence, 1, 1, 1, 1, 'b' FROM bulk_operations;
                    INSERT INTO bulk_parts (operation, number, chunk, item_offset, item_count, first_index, state)
                    SELECT sequence, 1, 1, 0, 1, 1, 'held' FROM bulk_operations
                    """)
                if isExpired {
                    #expect(try await queue.removeExpired() == 0, "it does not wait")
                } else {
                    group.addTask { try await queue.discard(operation.id) }
                    try await eventually {
                        let count = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                        return try await database.integer(count + " AND datname = current_database()") == 1
                    }
                }
            }
            try await group.waitForAll()
        }
        if isExpired { #expect(try await queue.removeExpired() == 1) }
        for table in ["bulk_operations", "bulk_chunks", "bulk_parts"] {
            #expect(try await database.integer("SELECT count(*) FROM \(table)") == 0, "\(table)")
        }
        await #expect(throws: QueueRefusal.uploadEnded) { try await queue.append(Self.chunk(2), to: operation.id) }
        #expect(try await database.integer("SELECT coalesce(sum(byte_count), 0)::bigint FROM bulk_users") == 0)
    }

    private static func chunk(_ number: Int) -> OperationChunk {
        OperationChunk(number: number, firstIndex: number, itemCount: 1, bytes: ByteBuffer(string: "a"))
    }

    @Test func `The lock for creating tables has no timeout`() async throws {
        let database = try await QueueDatabase()
        let statements = Statements()
        let slow = try PostgreSQLClient(url: database.url) { settings in
            settings.useLongTimeouts()
            settings.statementTimeout = .milliseconds(500)
            settings.onStatement = { statements.add($0) }
        }
        try await withThrowingTaskGroup { group in
            try await database.client.withTransaction { connection in
                _ = try await connection.execute(
                    "SELECT pg_advisory_xact_lock($1::int, 0)", [.integer(Int64(TableVersions.lockClass))])
                group.addTask { _ = try await PostgreSQLBulkQueue(in: slow) }
                // The statement has exceeded its timeout twice.
                try await eventually { statements.count(containing: "pg_advisory_xact_lock") > 2 }
            }
            try await group.waitForAll()
        }
        #expect(statements.count(containing: "statement_timeout = 0") == 1)
        #expect(try await database.integer("SELECT count(*) FROM bulk_versions") == 1)
        await slow.shutDown()
    }
}
#endif
