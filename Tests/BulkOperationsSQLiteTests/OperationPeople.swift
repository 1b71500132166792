#if GRDB
import BulkOperations
import BulkOperationsSQLite
import CacheMiddleware
import Foundation
import GRDB
import HTTPPipeline
import HTTPTypes
import MetricsTestKit
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Resources
import TestSupport

enum PersonFields {
    static let id = Field.integer("id").key().filtered([.equality, .order])
    static let email = Field.text("email", 3...50).unique().filtered([.equality, .text])
    static let name = Field.text("name", 0...20).default("")
    static let age = Field.integer("age", 0...150).filtered(.order).default(0)
    static let team = Field.text("team", 1...10).default("a").filtered(.equality)
    static let version = Field.integer("version").hidden().version()
    static let all = FieldSet("people", id, email, name, age, team, version)
}

/// People in SQLite with operations, requests to the routes, and a worker that runs when a test wants it.
struct OperationPeople {
    let database: DatabaseQueue
    let operations: Operations
    let repository: SQLiteRepository
    let resource: Resource
    let worker: OperationWorker
    let metrics = TestMetrics()
    private let client: RouteClient

    init(
        queue settings: BulkQueueSettings = BulkQueueSettings(),
        configure: (inout Operations.Settings) -> Void = { _ in }, rule: ResourceSettings.AccessRule? = nil,
        bulk: Bulk.Settings = Bulk.Settings(), wrapping wrap: (SQLiteRepository) -> any Repository = { $0 }
    ) throws {
        database = try DatabaseQueue()
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
                    age INTEGER NOT NULL, team TEXT NOT NULL, version INTEGER NOT NULL);
                    INSERT INTO people VALUES (1, 'a@x.de', 'Ann', 20, 'a', 1), (2, 'b@x.de', 'Bob', 30, 'a', 1),
                    (3, 'c@x.de', 'Cid', 40, 'b', 1)
                    """)
        }
        repository = SQLiteRepository(PersonFields.all, in: database)
        operations = Operations(in: try SQLiteBulkQueue(in: database, settings: settings), configure: configure)
        let people = Resource("people", over: wrap(repository)) { [operations] in
            if let rule { Permissions(rule) }
            Caching(.minutes(1), in: MemoryStore(byteLimit: 1 << 20))
            Bulk(operations, bulk)
        }
        resource = people
        worker = OperationWorker(of: operations, for: people) { [metrics] in $0.metrics = metrics }
        client = RouteClient(people.routes + operations.routes)
    }

    func send(
        _ method: HTTPRequest.Method, _ target: String, _ fields: HTTPFields = [.contentType: "application/json"],
        body: String = "", as user: String? = nil
    ) async throws -> RouteClient.Response {
        try await client.send(method, target, fields, body: body, as: user)
    }

    func send(
        _ method: HTTPRequest.Method, _ target: String, _ fields: HTTPFields, bytes: HTTPPipeline.RequestBody,
        as user: String? = nil
    ) async throws -> RouteClient.Response {
        try await client.send(method, target, fields, bytes: bytes, as: user)
    }

    /// Sends a request, runs the worker, and returns the status of the operation as JSON.
    func carryOut(
        _ method: HTTPRequest.Method, _ target: String, _ fields: HTTPFields = [.contentType: "application/json"],
        body: String = "", as user: String? = nil
    ) async throws -> JSONObject {
        let accepted = try await send(method, target, fields, body: body, as: user)
        guard accepted.status == 202 else { throw Unexpected(accepted.text) }
        while try await worker.carryOutNext() {}
        return try await status(JSONObject(accepted.text)["task_id"] as? String ?? "", as: user)
    }

    func status(_ id: String, as user: String? = nil) async throws -> JSONObject {
        JSONObject(try await send(.get, "/operations/\(id)/status/", as: user).text)
    }

    /// The rows as texts of identifier, address, age and team.
    func rows() throws -> [String] {
        try database.read {
            try String.fetchAll(
                $0, sql: "SELECT id || ' ' || email || ' ' || age || ' ' || team FROM people ORDER BY id")
        }
    }

    struct Unexpected: Error { let text: String; init(_ text: String) { self.text = text } }
}

/// A JSON object of a response.
struct JSONObject {
    let members: [String: Any]

    init(_ text: String) {
        members = (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]) ?? [:]
    }

    subscript(name: String) -> Any? { members[name] }

    /// A member of the result.
    func result(_ name: String) -> Int? { (members["result"] as? [String: Any])?[name] as? Int }
    func results(_ name: String) -> [Any] { ((members["result"] as? [String: Any])?[name] as? [Any]) ?? [] }
    var state: String? { members["state"] as? String }
}
#endif
