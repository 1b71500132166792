#if GRDB
import BulkOperations
import BulkOperationsSQLite
import GRDB
import HTTPTypes
import Repositories
import Synchronization
import TestSupport
import Testing

/// A store whose process ends before it stores a response in a transaction of its own.
private final class CrashingStore: IdempotencyStore {
    private let base = Mutex<SQLiteIdempotencyStore?>(nil)
    private let abandonsRecords: Bool

    init(abandonsRecords: Bool = false) { self.abandonsRecords = abandonsRecords }

    /// Stores records in a database.
    func open(_ database: DatabaseQueue) throws {
        let store = try SQLiteIdempotencyStore(in: database)
        base.withLock { $0 = store }
    }

    private var store: SQLiteIdempotencyStore {
        get throws {
            let store = base.withLock(\.self)
            return try #require(store)
        }
    }

    func begin(
        _ id: IdempotencyRecordID, fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes
    ) async throws -> IdempotencyOutcome {
        try await store.begin(id, fingerprint: fingerprint, for: lifetimes)
    }

    func finish(_ token: IdempotencyToken, with reply: StoredReply) async throws -> Bool { throw CancellationError() }

    func abandon(_ token: IdempotencyToken) async throws {
        if abandonsRecords { try await store.abandon(token) }
    }

    func finish(
        _ token: IdempotencyToken, with reply: StoredReply, in transaction: any RepositoryTransaction
    ) throws -> Bool {
        try store.finish(token, with: reply, in: transaction)
    }
}

@Suite struct UpsertCommitTests {
    private static let target = "/people/upsert?unique_fields=email"

    @Test(arguments: [("", 200), ("&atomic=true", 200)])
    func `The response of an upsert commits with its rows`(query: String, status: Int) async throws {
        let store = CrashingStore()
        var settings = Bulk.Settings()
        settings.idempotency = store
        let people = try OperationPeople(bulk: settings)
        try store.open(people.database)
        let fields: HTTPFields = [.contentType: "application/json", .idempotencyKey: "\"one\""]
        let body = #"[{"email": "d@x.de"}, {"email": "a@x.de", "age": 7}]"#
        let first = try await people.send(.post, Self.target + query, fields, body: body, as: "ann")
        #expect(first.status == status, "\(first.text)")
        let again = try await people.send(.post, Self.target + query, fields, body: body, as: "ann")
        #expect(again.text == first.text)
        #expect(again.fields[.idempotentReplayed] == "true")
        #expect(try people.rows().count == 4)
    }

    @Test func `A failed commit abandons the key`() async throws {
        let store = CrashingStore(abandonsRecords: true)
        var settings = Bulk.Settings()
        settings.idempotency = store
        let people = try OperationPeople(bulk: settings)
        try store.open(people.database)
        let rowCount = try people.rows().count
        try await people.database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE checked (team INTEGER REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED);
                    CREATE TRIGGER checking AFTER INSERT ON people BEGIN INSERT INTO checked VALUES (1000); END
                    """)
        }
        let fields: HTTPFields = [.contentType: "application/json", .idempotencyKey: "\"one\""]
        let body = #"[{"email": "d@x.de"}]"#
        let failed = try await people.send(.post, Self.target, fields, body: body, as: "ann")
        #expect(failed.status >= 400, "\(failed.text)")
        #expect(try people.rows().count == rowCount)
        try await people.database.write { try $0.execute(sql: "DROP TRIGGER checking") }
        let again = try await people.send(.post, Self.target, fields, body: body, as: "ann")
        #expect(again.status == 200, "\(again.text)")
        #expect(again.fields[.idempotentReplayed] == nil)
        #expect(try people.rows().count == rowCount + 1)
    }

    @Test func `A lost record undoes the rows`() async throws {
        let store = CrashingStore()
        var settings = Bulk.Settings()
        settings.idempotency = store
        let people = try OperationPeople(bulk: settings)
        try store.open(people.database)
        let rowCount = try people.rows().count
        // Another run starts the record again while this one writes.
        try await people.database.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER other AFTER INSERT ON people BEGIN
                        UPDATE bulk_idempotency_records SET number = number + 1; END
                    """)
        }
        let fields: HTTPFields = [.contentType: "application/json", .idempotencyKey: "\"one\""]
        let lost = try await people.send(.post, Self.target, fields, body: #"[{"email": "d@x.de"}]"#, as: "ann")
        #expect(lost.status == 503)
        #expect(lost.fields[.retryAfter] == "1")
        #expect(try people.rows().count == rowCount)
    }

    @Test func `A response in another database is stored after its rows`() async throws {
        let store = CrashingStore()
        var settings = Bulk.Settings()
        settings.idempotency = store
        let people = try OperationPeople(bulk: settings)
        try store.open(DatabaseQueue())
        let fields: HTTPFields = [.contentType: "application/json", .idempotencyKey: "\"one\""]
        let body = #"[{"email": "d@x.de"}]"#
        #expect(try await people.send(.post, Self.target, fields, body: body, as: "ann").status == 200)
        // The crash left the record started.
        #expect(try await people.send(.post, Self.target, fields, body: body, as: "ann").status == 409)
    }
}
#endif
