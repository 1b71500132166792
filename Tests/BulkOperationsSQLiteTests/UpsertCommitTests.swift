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

    func abandon(_ token: IdempotencyToken) async throws {}

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
