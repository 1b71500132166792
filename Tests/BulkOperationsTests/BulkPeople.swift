import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Repositories

@testable import BulkOperations
@testable import Resources

enum PersonFields {
    static let id = Field.integer("id").key().filtered(.equality)
    static let email = Field.text("email", 3...50).unique().filtered([.equality, .text])
    static let name = Field.text("name", 0...20).default("")
    static let age = Field.integer("age", 0...150).filtered(.order).default(0)
    static let team = Field.text("team", 1...10).default("a").filtered(.equality)
    static let joined = Field.text("joined").readOnly().onCreate { "today" }
    static let version = Field.integer("version").hidden().version()
    static let all = FieldSet("people", id, email, name, age, team, joined, version)
}

/// People over a repository in memory, and requests to their routes.
struct BulkPeople {
    let repository: MemoryRepository
    private let routes: [ResourceRoute]
    private let templates: [PathTemplate]

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
        routes = resource.routes
        templates = routes.map { PathTemplate($0.template) }
    }

    /// Sends a request, and returns the status, the body and the fields of the response.
    func send(
        _ method: HTTPRequest.Method, _ target: String, _ fields: HTTPFields = [:], body: String = "",
        as user: String? = nil
    ) async throws -> (status: Int, text: String, fields: HTTPFields) {
        let request = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: target, headerFields: fields)
        for (route, template) in zip(routes, templates) where route.method == method {
            guard let parameters = template.parameters(of: target.targetPath) else { continue }
            let exchange = Exchange(
                request: request, body: RequestBody(.buffer(ByteBuffer(string: body))),
                route: Route(view: "\(route.name)", method: "any", template: route.template),
                pathParameters: parameters, client: Exchange.Client(userID: user))
            let reply = try await route.respond(to: exchange)
            let collected = try await reply.body.collect(upTo: 1 << 20)
            return (reply.status.code, String(buffer: collected.buffer), reply.headerFields)
        }
        return (404, "", [:])
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
