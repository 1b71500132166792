#if PostgreSQL
import BulkOperations
import BulkOperationsPostgreSQL
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import TestSupport
import Testing

@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct IdempotencyStoreTests {
    @Test func `Behaves as every store of keys does`() async throws {
        try await IdempotencyStoreSuite { time in
            try await PostgreSQLIdempotencyStore(in: QueueDatabase().client, clock: time)
        }.run()
    }

    @Test func `Of concurrent requests in several processes one starts`() async throws {
        let database = try await QueueDatabase()
        var stores: [PostgreSQLIdempotencyStore] = []
        for _ in 0..<4 { stores.append(try await PostgreSQLIdempotencyStore(in: try database.connect())) }
        let started = try await withThrowingTaskGroup(of: Int.self) { group in
            for store in stores {
                group.addTask {
                    var started = 0
                    for number in 0..<25 {
                        if case .started = try await begin("\(number)", in: store) { started += 1 }
                    }
                    return started
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(started == 25)
    }

    @Test func `A client removes only its own records beyond its share`() async throws {
        let database = try await QueueDatabase()
        let store = try await PostgreSQLIdempotencyStore(
            in: database.client, limits: IdempotencyLimits(recordCount: 40, byteCount: 100_000))
        try await finish("kept", of: "ann", in: store)
        for number in 0..<100 { try await finish("\(number)", of: "ben", in: store) }
        try await finish("large", of: "cem", in: store, size: 30_000)
        #expect(try await count(database) == 11)
        #expect(try await isFinished("kept", of: "ann", in: store))
        #expect(try await isFinished("99", of: "ben", in: store))
        #expect(try await isFinished("0", of: "ben", in: store) == false)
    }

    @Test func `Running records are not removed, and expired ones are`() async throws {
        let (database, time) = (try await QueueDatabase(), ManualTimeSource())
        let store = try await PostgreSQLIdempotencyStore(
            in: database.client, limits: IdempotencyLimits(recordCount: 4, shareCount: 1), clock: time)
        for number in 0..<4 { _ = try await begin("\(number)", in: store) }
        await #expect(throws: IdempotencyStoreFull.self) { try await begin("more", in: store) }
        #expect(try await count(database) == 4, "the refused record is undone")
        time.advance(by: .seconds(60))
        _ = try await begin("more", in: store)
        time.advance(by: .seconds(24 * 3600))
        _ = try await begin("last", in: store)
        #expect(try await count(database) == 1)
    }

    @Test func `A response commits with its rows`() async throws {
        let database = try await QueueDatabase()
        let store = try await PostgreSQLIdempotencyStore(in: database.client)
        let reply = StoredReply(status: 200, headerFields: [:], body: ByteBuffer(string: "x"))
        for isUndone in [true, false] {
            guard case .started(let token) = try await begin("\(isUndone)", in: store) else { return }
            let rows = RowBatch(columns: ["name", "country"], rows: [[.text("\(isUndone)"), "AA"]])
            var write = RowWrite(.create, rows, isAtomic: true)
            write.completion = { _, transaction in
                #expect(try store.finish(token, with: reply, in: transaction))
                if isUndone { throw CancellationError() }
            }
            _ = try? await database.repository.apply(write)
            #expect(try await begin("\(isUndone)", in: store) == (isUndone ? .running : .finished(reply)))
        }
        #expect(try await database.integer("SELECT count(*) FROM suite_places") == 1)
    }

    @Test func `A run that has lost its record writes nothing`() async throws {
        let (database, time) = (try await QueueDatabase(), ManualTimeSource())
        let store = try await PostgreSQLIdempotencyStore(in: database.client, clock: time)
        let reply = StoredReply(status: 200, headerFields: [:], body: ByteBuffer(string: "x"))
        guard case .started(let first) = try await begin("k", in: store) else { return }
        time.advance(by: .seconds(3600))
        guard case .started(let second) = try await begin("k", in: store) else { return }
        for (token, isLost) in [(first, true), (second, false), (second, true)] {
            let rows = RowBatch(columns: ["name", "country"], rows: [[.text("\(token.number) \(isLost)"), "AA"]])
            var write = RowWrite(.create, rows, isAtomic: true)
            write.completion = { _, transaction in
                let isStored = try store.finish(token, with: reply, in: transaction)
                #expect(isStored)
            }
            let finished = write
            if isLost {
                await #expect(throws: IdempotencyRunLost.self) { try await database.repository.apply(finished) }
            } else {
                _ = try await database.repository.apply(finished)
            }
        }
        #expect(try await begin("k", in: store) == .finished(reply))
        #expect(try await database.integer("SELECT count(*) FROM suite_places") == 1)
    }

    @Test func `Failing removals keep no request from starting`() async throws {
        let (database, time) = (try await QueueDatabase(), ManualTimeSource())
        let store = try await PostgreSQLIdempotencyStore(
            in: database.client, limits: IdempotencyLimits(recordCount: 8, shareCount: 1), clock: time)
        for number in 0..<8 { try await finish("\(number)", of: "ann", in: store) }
        time.advance(by: .seconds(24 * 3600))
        try await database.client.withConnection { connection in
            try await connection.executeScript(
                """
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END';
                CREATE TRIGGER refuse BEFORE DELETE ON bulk_idempotency_records EXECUTE FUNCTION refuse();
                """)
        }
        for number in 0..<8 {
            guard case .started = try await begin("next \(number)", in: store) else {
                Issue.record("\(number) is not started")
                continue
            }
        }
        #expect(try await count(database) == 16)
    }

    @Test func `Making room waits for no other transaction`() async throws {
        let database = try await QueueDatabase()
        let store = try await PostgreSQLIdempotencyStore(
            in: database.client, limits: IdempotencyLimits(recordCount: 4, shareCount: 1))
        for number in 0..<4 { try await finish("\(number)", of: "ann", in: store) }
        try await database.client.withTransaction { connection in
            _ = try await connection.execute(
                "SELECT 1 FROM bulk_idempotency_records ORDER BY number LIMIT 2 FOR UPDATE")
            // A statement that waits for the lock exceeds its timeout.
            try await finish("4", of: "ann", in: store)
            try await finish("5", of: "ann", in: store)
            #expect(try await count(database) == 6, "the locked records are left to the other transaction")
        }
        try await finish("6", of: "ann", in: store)
        #expect(try await count(database) == 4)
        #expect(try await isFinished("6", of: "ann", in: store))
        #expect(try await isFinished("5", of: "ann", in: store))
    }

    @Test func `A long target identifies a record`() async throws {
        let store = try await PostgreSQLIdempotencyStore(in: QueueDatabase().client)
        for last in ["a", "b"] {
            let id = IdempotencyRecordID(
                client: String(repeating: "c", count: 9000), method: "POST",
                target: String(repeating: "t", count: 9000) + last, key: "k")
            let outcome = try await store.begin(id, fingerprint: RequestFingerprint("f"), for: IdempotencyLifetimes())
            guard case .started = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    private func begin(
        _ key: String, of client: String = "ann", in store: PostgreSQLIdempotencyStore
    ) async throws -> IdempotencyOutcome {
        let id = IdempotencyRecordID(client: client, method: "POST", target: "/", key: key)
        return try await store.begin(id, fingerprint: RequestFingerprint("f"), for: IdempotencyLifetimes())
    }

    private func finish(
        _ key: String, of client: String, in store: PostgreSQLIdempotencyStore, size: Int = 1
    ) async throws {
        guard case .started(let token) = try await begin(key, of: client, in: store) else { return }
        let body = ByteBuffer(repeating: 1, count: size)
        try await store.finish(token, with: StoredReply(status: 200, headerFields: [:], body: body))
    }

    private func isFinished(_ key: String, of client: String, in store: PostgreSQLIdempotencyStore) async throws -> Bool
    {
        if case .finished = try await begin(key, of: client, in: store) { true } else { false }
    }

    private func count(_ database: QueueDatabase) async throws -> Int {
        try await database.integer("SELECT count(*) FROM bulk_idempotency_records")
    }
}
#endif
