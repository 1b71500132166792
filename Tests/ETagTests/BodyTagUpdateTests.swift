import ETag
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Synchronization
import Testing

/// Updates that are conditional on the body digest of the handler that reads the resource.
@Suite struct BodyTagUpdateTests {
    /// A text that GET reads, PUT replaces and DELETE removes.
    final class Article: Sendable {
        let text = Mutex<String?>("first")
        let readStatus = Mutex(HTTPResponse.Status.ok)

        func read(_ exchange: Exchange) -> Reply {
            let status = readStatus.withLock { $0 }
            guard status == .ok else { return Reply(status: status) }
            return text.withLock { $0 }.map { .testing($0) } ?? Reply(status: .notFound)
        }

        func respond(_ exchange: Exchange) async throws -> Reply {
            switch exchange.request.method {
            case .put:
                let new = String(buffer: try await exchange.body.collect(upTo: 100))
                text.withLock { $0 = new }
                return .testing(new)
            case .delete:
                text.withLock { $0 = nil }
                return Reply(status: .noContent)
            default: return read(exchange)
            }
        }
    }

    let article = Article()

    var handler: Handler {
        let article = article
        return Pipeline {
            ETagMiddleware(reading: { article.read($0) }, requiring: .updates)
        }.wrap { try await article.respond($0) }
    }

    static func put(_ text: String, _ tag: String?) -> Exchange {
        .testing(.put, fields: tag.map { [.ifMatch: $0] } ?? [:], body: ByteBuffer(string: text))
    }

    @Test func `An update with the tag of GET succeeds`() async throws {
        // The response has the new tag.
        let tag = try #require(try await handler(.testing()).headerFields[.eTag])
        let updated = try await handler(Self.put("second", tag))
        #expect(updated.status == .ok)
        let second = try #require(updated.headerFields[.eTag])
        #expect(second != tag)
        #expect(try await handler(.testing()).headerFields[.eTag] == second)
        #expect(try await handler(Self.put("third", tag)).status == .preconditionFailed)
        #expect(try await handler(Self.put("third", second)).status == .ok)
    }

    @Test func `An update without a condition is refused`() async throws {
        #expect(try await handler(Self.put("second", nil)).status.code == 428)
    }

    @Test(arguments: [(HTTPField.Name.ifMatch, 412), (.ifNoneMatch, 200)])
    func `A resource that GET does not find has no tag`(name: HTTPField.Name, status: Int) async throws {
        article.text.withLock { $0 = nil }
        let handler = Pipeline {
            [article] in ETagMiddleware(reading: { article.read($0) })
        }.wrap { [article] in try await article.respond($0) }
        let exchange = Exchange.testing(.put, fields: [name: "*"], body: ByteBuffer(string: "new"))
        #expect(try await handler(exchange).status.code == status)
    }

    @Test func `An update of an unreadable resource fails and writes nothing`() async throws {
        let tag = try #require(try await handler(.testing()).headerFields[.eTag])
        article.readStatus.withLock { $0 = .serviceUnavailable }
        await #expect(throws: UnreadableRepresentation.self) { try await handler(Self.put("second", tag)) }
        #expect(article.text.withLock { $0 } == "first")
    }

    @Test func `Exactly one of several concurrent updates succeeds`() async throws {
        let handler = handler
        let tag = try #require(try await handler(.testing()).headerFields[.eTag])
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask { try await handler(Self.put("\(number)", tag)).status.code }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 1)
        #expect(statuses.filter { $0 == 412 }.count == 19)
    }
}
