import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Synchronization
import Testing

@Suite struct ETagMiddlewareTests {
    /// A resource with a version, which every write increments.
    final class Resource: KeyBit {
        let version = HandlerCounter()
        let handled = HandlerCounter()

        func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.write(version.count) }

        func respond(_ exchange: Exchange) -> Reply {
            handled.increment()
            if !["GET", "HEAD"].contains(exchange.request.method.rawValue) { version.increment() }
            return .testing("version \(version.count)")
        }

        var key: KeyConstructor { ["view": .uniqueViewID, "version": .custom(self)] }

        func handler(rebuild: Bool = false) -> Handler {
            Pipeline { ETagMiddleware(key: key.memoizedForRequest()) { $0.rebuildsAfterMethodEvaluation = rebuild } }
                .wrap { self.respond($0) }
        }
    }

    @Test func `Reads are tagged with the key`() async throws {
        let resource = Resource()
        let reply = try await resource.handler()(.testing())
        let key = try await resource.key.key(for: .testing())
        #expect(reply.headerFields[.eTag] == "\"\(key)\"")
        #expect(try await reply.text() == "version 0")
    }

    @Test(arguments: [HTTPRequest.Method.get, .head])
    func `The current tag returns 304 without running the handler`(method: HTTPRequest.Method) async throws {
        let resource = Resource()
        let handler = resource.handler()
        let tag = try #require(try await handler(.testing()).headerFields[.eTag])
        let reply = try await handler(.testing(method, fields: [.ifNoneMatch: "\"other\", W/\(tag)"]))
        #expect(reply.status == .notModified)
        #expect(reply.headerFields == [.eTag: tag])
        #expect(reply.body.contentLength == 0)
        #expect(resource.handled.count == 1)
    }

    @Test func `A lost update is rejected after a read and update`() async throws {
        let handler = Resource().handler(rebuild: true)
        let first = try #require(try await handler(.testing()).headerFields[.eTag])
        let updated = try await handler(.testing(.put, fields: [.ifMatch: first]))
        #expect(updated.status == .ok)
        let second = try #require(updated.headerFields[.eTag])
        #expect(second != first, "the tag is rebuilt although the key is memoized")
        #expect(try await handler(.testing()).headerFields[.eTag] == second)
        let lost = try await handler(.testing(.put, fields: [.ifMatch: first]))
        #expect(lost.status == .preconditionFailed)
        #expect(try await handler(.testing()).text() == "version 1", "the refused update ran no handler")
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch, .delete])
    func `A response to a write never has the old tag`(method: HTTPRequest.Method) async throws {
        #expect(try await Resource().handler()(.testing(method)).headerFields[.eTag] == nil)
        let rebuilt = try await Resource().handler(rebuild: true)(.testing(method)).headerFields[.eTag]
        #expect((rebuilt != nil) == (method == .put || method == .patch))
    }

    @Test func `Errors are untagged, and the handler's own tag is kept`() async throws {
        let key: KeyConstructor = ["view": .uniqueViewID]
        let stack = Pipeline { ETagMiddleware(key: key) }
        let failing = stack.wrap { _ in .testing("no", status: .notFound) }
        #expect(try await failing(.testing()).headerFields[.eTag] == nil)
        let tagging = stack.wrap { _ in .testing("own", fields: [.eTag: "\"own\""]) }
        #expect(try await tagging(.testing()).headerFields[.eTag] == "\"own\"")
    }

    @Test func `An asterisk matches any existing representation`() async throws {
        let stack = Pipeline { ETagMiddleware(key: ["view": .uniqueViewID]) }
        let fields: HTTPFields = [.ifNoneMatch: "*"]
        let missing = stack.wrap { _ in .testing("no", status: .notFound) }
        #expect(try await missing(.testing(fields: fields)).status == .notFound)
        let present = stack.wrap { _ in .testing("yes", fields: [.vary: "Accept", .from: "me", .contentType: "a/b"]) }
        let reply = try await present(.testing(fields: fields))
        #expect(reply.status == .notModified)
        #expect(Set(reply.headerFields.map(\.name)) == [.vary, .eTag])
    }

    @Test func `OPTIONS is forwarded whatever its conditions`() async throws {
        let resource = Resource()
        let reply = try await resource.handler()(.testing(.options, fields: [.ifMatch: "\"x\""]))
        #expect(reply.status == .ok)
        #expect(reply.headerFields[.eTag] == nil)
    }

    @Test func `A completed write succeeds even if its new tag fails`() async throws {
        struct FailingLater: AsyncKeyBit {
            let written: HandlerCounter
            func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
                guard written.count == 0 else { throw CancellationError() }
                writer.write("before")
            }
        }
        let written = HandlerCounter()
        let key: KeyConstructor = ["x": .custom(FailingLater(written: written))]
        let handler = Pipeline { ETagMiddleware(key: key) { $0.rebuildsAfterMethodEvaluation = true } }.wrap { _ in
            written.increment()
            return .testing("written")
        }
        let reply = try await handler(.testing(.put))
        #expect(try await reply.text() == "written")
        #expect(reply.headerFields[.eTag] == nil)
    }

    @Test func `A failed key leaves reads untagged and rejects conditional writes`() async throws {
        struct Failing: AsyncKeyBit {
            struct Failure: Error {}
            func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws { throw Failure() }
        }
        let ran = HandlerCounter()
        let handler = Pipeline { ETagMiddleware(key: ["x": .custom(Failing())]) }.wrap { _ in
            ran.increment()
            return .testing("ok")
        }
        #expect(try await handler(.testing()).headerFields[.eTag] == nil)
        await #expect(throws: Failing.Failure.self) { try await handler(.testing(.put, fields: [.ifMatch: "\"a\""])) }
        #expect(ran.count == 1)
    }
}
