#if GRDB
import BulkOperations
import BulkOperationsSQLite
import CacheMiddleware
import GRDB
import HTTPPipeline
import Logging
import NIOCore
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Resources

/// People in a database, a queue in it, and a worker.
struct QueuedPeople {
    enum Fields {
        static let id = Field.integer("id").key()
        static let email = Field.text("email", 3...50).unique().filtered(.equality)
        static let name = Field.text("name", 0...20).default("")
        static let age = Field.integer("age", 0...150).default(0).sorted()
        static let team = Field.text("team", 1...10).default("a").filtered(.equality)
        static let all = FieldSet("people", id, email, name, age, team)
    }

    let database = try! DatabaseQueue()
    let time = ManualTimeSource()
    let store = RecordingStore()
    let queue: ObservedQueue
    let resource: Resource
    let operations: Operations
    let worker: OperationWorker

    init(
        settings: BulkQueueSettings = BulkQueueSettings(), _ configure: (inout Operations.Settings) -> Void = { _ in },
        wrapping wrap: (SQLiteRepository) -> any Repository = { $0 }
    ) throws {
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
                    age INTEGER NOT NULL, team TEXT NOT NULL);
                    INSERT INTO people VALUES (1, 'ann@x', 'Ann', 20, 'a'), (2, 'bob@x', 'Bob', 30, 'a'),
                    (3, 'cid@x', 'Cid', 40, 'b');
                    """)
        }
        queue = ObservedQueue(try SQLiteBulkQueue(in: database, settings: settings, clock: time))
        let store = store
        resource = Resource("people", over: wrap(SQLiteRepository(Fields.all, in: database))) {
            Caching(.minutes(1), in: store)
        }
        operations = Operations(in: queue, clock: time, configure: configure)
        worker = OperationWorker(
            of: operations, for: resource, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Submits an operation whose chunks are arrays in JSON.
    func submit(
        _ kind: OperationRequest.Kind, _ chunks: [[String]], _ configure: (inout OperationRequest) -> Void = { _ in }
    ) async throws -> OperationID {
        var request = OperationRequest(kind, of: "people", for: "user")
        configure(&request)
        let id = OperationID(at: time.now)
        try await queue.open(BulkOperation(id, request, createdAt: time.now), idempotencyKey: nil)
        var firstIndex = 0
        for (number, items) in chunks.enumerated() {
            let bytes = ByteBuffer(string: "[" + items.joined(separator: ", ") + "]")
            try await queue.append(
                OperationChunk(number: number, firstIndex: firstIndex, itemCount: items.count, bytes: bytes), to: id)
            firstIndex += items.count
        }
        _ = try await queue.submit(request, as: id, fingerprint: nil)
        return id
    }

    /// Submits an operation, carries it out, and describes each item.
    func outcomes(
        _ kind: OperationRequest.Kind, _ chunks: [[String]], _ configure: (inout OperationRequest) -> Void = { _ in }
    ) async throws -> [String] {
        let id = try await submit(kind, chunks, configure)
        while try await worker.carryOutNext() {}
        return try await outcomes(of: id)
    }

    /// The outcome of each item, as a text such as `0 created 4` or `1 invalid email`.
    func outcomes(of id: OperationID) async throws -> [String] {
        var query = PartQuery(of: id)
        query.limit = 100
        let outcomes = try await queue.parts(query).compactMap(\.outcome)
        let texts: [(Int, String)] =
            outcomes.flatMap(\.successes).map { ($0.index, "\($0.kind) \($0.key)") }
            + outcomes.flatMap(\.failures).map { ($0.index, "\($0.code) \($0.field ?? "-")") }
        return texts.sorted { $0.0 < $1.0 }.map { "\($0.0) \($0.1)" }
    }

    /// The rows as texts.
    func rows() async throws -> [String] {
        try await database.read { db in
            try String.fetchAll(
                db, sql: "SELECT printf('%d %s %s %d %s', id, email, name, age, team) FROM people ORDER BY id")
        }
    }

    /// The number of invalidations so far.
    var invalidationCount: Int { store.purgeCount }
}

extension RecordingStore {
    /// The number of purges so far.
    var purgeCount: Int {
        operations.count {
            if case .purge = $0 { true } else { false }
        }
    }
}
#endif
