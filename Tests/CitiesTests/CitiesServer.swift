import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore

@testable import Cities

/// The application on a live server with its own database.
struct CitiesServer: Sendable {
    let client: any TestClientProtocol

    /// Runs the application while `body` sends requests to it.
    static func run(
        cache: CacheLocation = .memory, database: DatabaseLocation? = nil, administrationSecret: String? = nil,
        _ body: @escaping @Sendable (CitiesServer) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            var configuration = CitiesConfiguration(
                port: 0, database: database ?? .sqlite(path: folder.appending(path: "cities.sqlite").path),
                cache: cache, administrationSecret: administrationSecret)
            configuration.logger.logLevel = .critical
            let application = try await buildApplication(configuration)
            try await application.test(.live) { client in try await body(CitiesServer(client: client)) }
        }
    }

    /// Sends a request and returns the response.
    func callAsFunction(
        _ method: HTTPRequest.Method,
        _ target: String,
        _ fields: HTTPFields = [:],
        body: String? = nil
    ) async throws -> ServerResponse {
        let response = try await client.executeRequest(
            uri: target, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) }
        )
        return ServerResponse(response: response)
    }

    /// The number of queries of a table since the start.
    func queries(_ table: String) async throws -> Int {
        let queries = try await self(.get, "/stats").object["queries"] as? [String: Int]
        return queries?[table] ?? 0
    }

    /// The last statement that changed a table.
    func lastWrite() async throws -> String {
        try await self(.get, "/stats").object["last_write"] as? String ?? ""
    }
}

/// A response of the server.
struct ServerResponse {
    let response: TestResponse

    var status: Int { response.status.code }
    var tag: String? { response.headers[.eTag] }
    var cacheStatus: String? { response.headers[HTTPField.Name("Cache-Status")!] }
    /// The number of bytes of the body.
    var size: Int { response.body.readableBytes }
    var text: String { String(buffer: response.body) }
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    subscript(name: HTTPField.Name) -> String? { response.headers[name] }

    /// The names of the cities or countries in a list.
    var names: [String] {
        (object["results"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
    }
}

/// Calls `body` with a new folder, which is removed afterwards.
func withTemporaryFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "cities-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
}
