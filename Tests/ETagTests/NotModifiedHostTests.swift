import ETag
import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Testing

@Suite struct NotModifiedHostTests {
    @Test func `The fields of a 304 are those of the host`() async throws {
        let handler = Pipeline { ETagMiddleware(tag: { _ in EntityTag("1") }) }.wrap { exchange in
            exchange.request.authority == "a.test"
                ? .testing("a", fields: [.cacheControl: "public, max-age=600"])
                : .testing("b", fields: [.cacheControl: "private, no-store"])
        }
        func get(_ host: String) async throws -> Reply {
            let head = HTTPRequest(
                method: .get, scheme: "https", authority: host, path: "/x", headerFields: [.ifNoneMatch: "\"1\""])
            return try await handler(Exchange(request: head))
        }
        #expect(try await get("a.test").headerFields[.cacheControl] == "public, max-age=600")
        let other = try await get("b.test")
        #expect(other.status == .notModified)
        #expect(other.headerFields[.cacheControl] == "private, no-store")
    }
}
