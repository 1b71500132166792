#if GRDB
import BulkOperations
import BulkOperationsSQLite
import Foundation
import GRDB
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Testing

@Suite struct SQLiteIdempotencyStoreTests {
    @Test func `Behaves as every store of keys does`() async throws {
        let folder = try DatabaseFolder()
        defer { folder.remove() }
        try await IdempotencyStoreSuite { time in
            try SQLiteIdempotencyStore(in: folder.database(), timeSource: time)
        }.run()
    }

    @Test func `Records survive a restart, and processes share them`() async throws {
        let folder = try DatabaseFolder()
        defer { folder.remove() }
        let path = folder.path("keys.sqlite")
        let first = try SQLiteIdempotencyStore(in: DatabasePool(path: path))
        let second = try SQLiteIdempotencyStore(in: DatabasePool(path: path))
        guard case .started(let token) = try await begin("a", in: first) else { throw CancellationError() }
        #expect(try await begin("a", in: second) == .running)
        let reply = StoredReply(status: 201, headerFields: [.location: "/1"], body: ByteBuffer(string: "x"))
        try await first.finish(token, with: reply)
        #expect(try await begin("a", in: second) == .finished(reply))
        #expect(try await begin("a", in: SQLiteIdempotencyStore(in: DatabasePool(path: path))) == .finished(reply))
    }

    @Test func `Of concurrent requests in several processes one starts`() async throws {
        let folder = try DatabaseFolder()
        defer { folder.remove() }
        let path = folder.path("keys.sqlite")
        var configuration = Configuration()
        configuration.busyMode = .timeout(60)
        var stores: [SQLiteIdempotencyStore] = []
        for _ in 0..<4 {
            stores.append(try SQLiteIdempotencyStore(in: DatabasePool(path: path, configuration: configuration)))
        }
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

    @Test func `The tables do not disturb the application's migrations`() async throws {
        let database = try DatabaseQueue()
        var migrator = DatabaseMigrator()
        migrator.registerMigration("first") { db in try db.execute(sql: "CREATE TABLE books (id INTEGER PRIMARY KEY)") }
        try migrator.migrate(database)
        _ = try SQLiteIdempotencyStore(in: database)
        _ = try SQLiteIdempotencyStore(in: database)
        migrator.registerMigration("second") { db in try db.execute(sql: "ALTER TABLE books ADD COLUMN title TEXT") }
        try migrator.migrate(database)
        let names = try await database.read { db in
            try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY rowid")
        }
        #expect(names == ["first", "second"])
    }

    @Test func `A client removes only its own records beyond its share`() async throws {
        let database = try DatabaseQueue()
        let store = try SQLiteIdempotencyStore(
            in: database, limits: IdempotencyLimits(recordCount: 40, byteCount: 100_000))
        try await finish("kept", of: "ann", in: store)
        for number in 0..<100 { try await finish("\(number)", of: "ben", in: store) }
        try await finish("large", of: "cem", in: store, size: 30_000)
        #expect(try await usage(database) == [": 11", "ann: 1", "ben: 10"])
        #expect(try await isFinished("kept", of: "ann", in: store))
        #expect(try await isFinished("99", of: "ben", in: store))
        #expect(try await isFinished("0", of: "ben", in: store) == false)
    }

    @Test func `Running records are not removed, and expired ones are`() async throws {
        let (database, time) = (try DatabaseQueue(), ManualTimeSource())
        let store = try SQLiteIdempotencyStore(
            in: database, limits: IdempotencyLimits(recordCount: 4, shareCount: 1), timeSource: time)
        for number in 0..<4 { _ = try await begin("\(number)", in: store) }
        await #expect(throws: IdempotencyStoreFull.self) { try await begin("more", in: store) }
        #expect(try await usage(database) == [": 4", "ann: 4"], "the refused record is undone")
        time.advance(by: .seconds(60))
        _ = try await begin("more", in: store)
        time.advance(by: .seconds(24 * 3600))
        _ = try await begin("last", in: store)
        #expect(try await usage(database) == [": 1", "ann: 1"])
    }

    @Test func `A run that has lost its record writes nothing`() async throws {
        let (database, time) = (try DatabaseQueue(), ManualTimeSource())
        try await database.write { db in
            for statement in RepositorySuite.schema { try db.execute(sql: statement) }
        }
        let store = try SQLiteIdempotencyStore(in: database, timeSource: time)
        let repository = SQLiteRepository(RepositorySuite.fields, in: database)
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
                await #expect(throws: IdempotencyRunLost.self) { try await repository.apply(finished) }
            } else {
                _ = try await repository.apply(finished)
            }
        }
        #expect(try await begin("k", in: store) == .finished(reply))
        #expect(try await repository.count(.all) == 1)
    }

    private func begin(
        _ key: String, of client: String = "ann", in store: SQLiteIdempotencyStore
    ) async throws -> IdempotencyOutcome {
        let id = IdempotencyRecordID(client: client, method: "POST", target: "/", key: key)
        return try await store.begin(id, fingerprint: RequestFingerprint("f"), for: IdempotencyLifetimes())
    }

    private func finish(
        _ key: String, of client: String, in store: SQLiteIdempotencyStore, size: Int = 1
    ) async throws {
        guard case .started(let token) = try await begin(key, of: client, in: store) else { return }
        let body = ByteBuffer(repeating: 1, count: size)
        try await store.finish(token, with: StoredReply(status: 200, headerFields: [:], body: body))
    }

    private func isFinished(_ key: String, of client: String, in store: SQLiteIdempotencyStore) async throws -> Bool {
        if case .finished = try await begin(key, of: client, in: store) { true } else { false }
    }

    private func usage(_ database: any DatabaseReader) async throws -> [String] {
        try await database.read { db in
            try String.fetchAll(
                db, sql: "SELECT client || ': ' || record_count FROM bulk_idempotency_usage ORDER BY client")
        }
    }
}

/// A folder for the databases of a test.
struct DatabaseFolder: Sendable {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func database() throws -> DatabasePool { try DatabasePool(path: path("\(UUID().uuidString).sqlite")) }

    func remove() { try? FileManager.default.removeItem(at: url) }
}
#endif
