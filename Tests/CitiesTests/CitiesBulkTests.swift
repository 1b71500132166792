import BulkOperations
import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import Testing

@testable import Cities

@Suite(.timeLimit(.minutes(5))) struct CitiesBulkTests {
    private static let alice = CitiesTests.alice
    private static let header = "id,name,country_code,admin1_code,population,latitude,longitude,timezone\n"

    /// Sends a file, waits for the end of its operation, and returns the result.
    private static func carryOut(
        _ send: CitiesServer, _ target: String, _ body: String, type: String = "text/csv"
    ) async throws -> [String: Any] {
        var fields = alice
        fields[.contentType] = type
        let accepted = try await send(.patch, target, fields, body: body)
        try #require(accepted.status == 202, "\(accepted.text)")
        let path = try #require(accepted[.location])
        while true {
            let status = try await send(.get, path, alice).object
            if status["state"] as? String == "SUCCESS" { return try #require(status["result"] as? [String: Any]) }
            try #require(["PENDING", "PROGRESS"].contains(status["state"] as? String), "\(status)")
        }
    }

    @Test func `A file larger than other bodies is imported`() async throws {
        try await CitiesServer.run { send in
            let list = try await send(.get, "/cities?country_code=AD&name=Newtown")
            #expect(list.names == [])
            let rows = (1...40_000).map { "\(5_000_000_000 + $0),Newtown,AD,02,\($0),42.5,1.5,Europe/Andorra\n" }
            let body = Self.header + rows.joined() + "9,Nowhere,AD,02,many,42.5,1.5,Europe/Andorra\n"
            #expect(body.utf8.count > 2 << 20)
            let result = try await Self.carryOut(send, "/cities/operations?unique_fields=id", body)
            #expect(result["created_count"] as? Int == 40_000)
            #expect(result["error_count"] as? Int == 1)
            let errors = result["errors"] as? [[String: Any]]
            #expect(errors?.first?["line"] as? Int == 40_002)
            let fresh = try await send(.get, "/cities?country_code=AD&name=Newtown&page_size=1")
            #expect(fresh.names == ["Newtown"])
            #expect(fresh.object["results"].map { "\($0)".contains("40000") } == true, "the largest is the first")
        }
    }

    @Test(
        arguments: [
            (.post, "/cities/operations", "text/csv"), (.patch, "/cities/upsert?unique_fields=id", "application/json"),
            (.delete, "/cities?country_code=AD", "application/json"),
            (.patch, "/cities?country_code=AD", "application/json"),
        ] as [(HTTPRequest.Method, String, String)])
    func `Only editors change many cities`(method: HTTPRequest.Method, target: String, type: String) async throws {
        try await CitiesServer.run { send in
            for (user, status) in [(CitiesTests.bob, 403), ([:], 401)] as [(HTTPFields, Int)] {
                var fields = user
                fields[.contentType] = type
                fields[HTTPField.Name("X-BULK-OPERATION")!] = "true"
                let response = try await send(method, target, fields, body: "[]")
                #expect(response.status == status, "\(response.text)")
            }
        }
    }

    @Test func `Browsers get a page of operations and programs a list`() async throws {
        try await CitiesServer.run { send in
            var fields = Self.alice
            fields[.accept] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
            let page = try await send(.get, "/operations/", fields)
            #expect(page[.contentType] == "text/html; charset=utf-8")
            #expect(page[HTTPField.Name("Content-Security-Policy")!]?.contains("script-src 'self'") == true)
            #expect(page[.vary]?.contains("Accept") == true)
            fields[.ifNoneMatch] = page.tag
            #expect(try await send(.get, "/operations", fields).status == 304)
            for path in ["/pages/operations.js", "/pages/operations.css"] {
                #expect(try await send(.get, path).status == 200)
            }
            for accept in [nil, "*/*", "application/json"] {
                var fields = Self.alice
                fields[.accept] = accept
                #expect(try await send(.get, "/operations", fields).object["results"] as? [String] == [])
            }
            #expect(try await send(.get, "/operations").status == 401)
        }
    }

    @Test func `A worker of its own carries out operations of a server`() async throws {
        try await withTemporaryFolder { folder in
            var configuration = CitiesConfiguration(
                port: 0, database: .sqlite(path: folder.appending(path: "cities.sqlite").path), runsWorker: false)
            configuration.logger.logLevel = .critical
            let application = try await buildApplication(configuration)
            let components = try await CitiesComponents(configuration)
            try await application.test(.live) { client in
                let send = CitiesServer(client: client)
                // The server has these in its memory, and the worker another cache.
                let target = "/cities?country_code=AD&name=Newtown"
                #expect(try await send(.get, target).names == [])
                let worker = Task { try await components.worker.run() }
                defer { worker.cancel() }
                let result = try await Self.carryOut(
                    send, "/cities/operations?unique_fields=id",
                    Self.header + "5000000001,Newtown,AD,02,7,42.5,1.5,Europe/Andorra\n")
                #expect(result["created_count"] as? Int == 1)
                while try await send(.get, target).names != ["Newtown"] {}
            }
        }
    }
}
