import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Repositories
import TestSupport

@testable import BulkOperations
@testable import Resources

enum PersonFields {
    static let id = Field.integer("id").key().filtered(.equality)
    static let email = Field.text("email", 3...50).unique().filtered([.equality, .text])
    static let name = Field.text("name", 0...20).default("")
    static let age = Field.integer("age", 0...150).filtered(.order).sorted().default(0)
    static let team = Field.text("team", 1...10).default("a").filtered(.equality)
    static let joined = Field.text("joined").readOnly().onCreate { "today" }
    static let version = Field.integer("version").hidden().version()
    static let all = FieldSet("people", id, email, name, age, team, joined, version)
}

/// People over a repository in memory, and requests to their routes.
struct BulkPeople {
    let repository: MemoryRepository
    private let client: RouteClient

    init(
        _ rule: ResourceSettings.AccessRule? = nil, _ configure: @escaping (inout Bulk.Settings) -> Void = { _ in }
    ) throws {
        let repository = try MemoryRepository(
            PersonFields.all,
            rows: RowBatch(
                columns: ["id", "email", "name", "age", "team", "joined", "version"],
                rows: [
                    [1, "a@gmail.com", "Ann", 20, "a", "before", 1], [2, "b@gmail.com", "Bob", 30, "a", "before", 1],
                    [3, "c@web.de", "Cid", 40, "b", "before", 1],
                ]))
        let resource = Resource("people", over: repository) {
            if let rule { Permissions(rule) }
            Caching(.minutes(1), in: MemoryStore(byteLimit: 1 << 20))
            Bulk(configure: configure)
        }
        self.repository = repository
        client = RouteClient(resource.routes)
    }

    func send(
        _ method: HTTPRequest.Method, _ target: String, _ fields: HTTPFields = [:], body: String = "",
        as user: String? = nil
    ) async throws -> RouteClient.Response {
        try await client.send(method, target, fields, body: body, as: user)
    }

    /// The rows as texts of identifier, age and name.
    func rows() async throws -> [String] {
        let rows = try await repository.rows(RowQuery(order: [PersonFields.id.ascending]))
        return (0..<rows.rowCount).map { row in
            ["id", "age", "name"].map { "\(rows.value(row: row, field: $0) ?? .null)" }.joined(separator: " ")
                .replacing("\"", with: "")
        }
    }
}

let confirmed: HTTPFields = [.bulkOperation: "true"]
let confirmedAll: HTTPFields = [.bulkOperation: "all"]
