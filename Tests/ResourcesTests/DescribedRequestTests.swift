#if Hummingbird
import CacheMiddleware
import ETag
import Foundation
import HTTPTypes
import PipelineTesting
import Repositories
import Testing

@testable import Resources

/// Requests that a generated client sends: what is described is accepted, and everything else is refused in the described form.
@Suite(.timeLimit(.minutes(2))) struct DescribedRequestTests {
    private func server(
        _ pagination: Pagination = Pagination(.pages, size: 2, maximum: 3),
        test: @Sendable @escaping (Client) async throws -> Void
    ) async throws {
        try await withServer(of: try await Geography().city(pagination), test: test)
    }

    @Test func `A cached response to HEAD has the length of GET`() async throws {
        try await server { client in
            let length = try await client.get("/cities/1").fields[.contentLength]
            let head = try await client.send(.head, "/cities/1")
            #expect(head.cacheStatus?.contains("hit") == true)
            #expect(head.fields[.contentLength] == length)
        }
    }

    @Test(arguments: ["TRACE", "QUERY"]) func `Other methods are not allowed`(name: String) async throws {
        let method = try #require(HTTPRequest.Method(name))
        try await server { client in
            let answer = try await client.send(method, "/cities/1")
            #expect(answer.status == 405)
            #expect(answer.fields[.allow] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/cities/1?page=1", "page"), (.get, "/cities/1?ordering=id", "ordering"),
        (.get, "/cities/1?search=a", "search"), (.get, "/cities?cursor=a", "cursor"),
        (.get, "/cities?count=true", "count"), (.get, "/cities?format=", "format"),
        (.post, "/cities?page_size=1", "page_size"), (.post, "/cities?name=a", "name"),
        (.delete, "/cities/1?fields=id", "fields"),
    ]) func `Parameters of other actions are unknown`(
        method: HTTPRequest.Method, path: String, parameter: String
    ) async throws {
        try await server { client in
            let answer = try await client.send(method, path, body: method == .post ? "{}" : nil)
            #expect(answer.status == 400)
            #expect(answer.text.hasPrefix("{\"\(parameter)\":["), "\(answer.text)")
        }
    }

    @Test(arguments: [("true", 200, true), ("1", 200, true), ("false", 200, false), ("abc", 400, false)])
    func `The parameter count is a Boolean`(value: String, status: Int, countsRows: Bool) async throws {
        try await server(Pagination(.cursor, size: 2, maximum: 3)) { client in
            let answer = try await client.get("/cities?count=\(value)")
            #expect(answer.status == status)
            #expect(answer.text.contains("\"count\":5") == countsRows)
        }
    }

    @Test func `A row is written as it was read`() async throws {
        try await server { client in
            let row = try await client.get("/cities/1").text
            #expect(row.contains("resource_uri"))
            let answer = try await client.send(.put, "/cities/1", body: row)
            #expect(answer.status == 200)
            #expect(answer.text == row)
        }
    }

    @Test func `A created row has the selected fields`() async throws {
        try await server { client in
            let answer = try await client.send(
                .post, "/cities?fields=name", body: #"{"name": "Linz", "country_code": "AT"}"#)
            #expect(answer.status == 201)
            #expect(answer.text.hasPrefix(#"{"name":"Linz","resource_uri":"#))
        }
    }

    @Test(arguments: [
        ("application/json", "application/json", #"{"detail":"#),
        ("application/json, application/problem+json", "application/problem+json", #"{"status":"#),
    ]) func `Refusals of conditions have the form of errors`(
        accept: String, type: String, start: String
    ) async throws {
        let geography = try await Geography()
        let resource = Resource("cities", over: geography.cities) {
            Conditions(requiring: .updates)
            Caching(.minutes(15), in: geography.store)
        }
        try await withServer(of: resource) { client in
            let body = #"{"name": "a"}"#
            let missing = try await client.send(.patch, "/cities/1", [.accept: accept], body: body)
            let changed = try await client.send(
                .patch, "/cities/1", [.accept: accept, .ifMatch: "\"x\""], body: body)
            let large = try await client.send(
                .patch, "/cities/1", [.accept: accept, .ifMatch: "*"],
                body: String(repeating: " ", count: (1 << 20) + 1))
            for (answer, status) in [(missing, 428), (changed, 412), (large, 413)] {
                #expect(answer.status == status)
                #expect(answer.fields[.contentType] == type)
                #expect(answer.fields[.vary] == "Accept")
                #expect(answer.text.hasPrefix(start), "\(answer.text)")
            }
            #expect(missing.text.contains(#"required to be conditional. Try again using \"If-Match\"."#))
        }
    }
}
#endif
