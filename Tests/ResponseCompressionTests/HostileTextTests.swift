import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import ResponseCompression
import Testing

/// Texts that Swift compares, hashes and segments in quadratic time, in each place where a client or a handler can put them.
///
/// `make growth` counts the work of such requests. Here the longest of them must complete: in quadratic time they would
/// take minutes.
@Suite(.timeLimit(.minutes(2))) struct HostileTextTests {
    /// Marks in the wrong order, which normalization has to sort; and flags, each of which examines all previous ones to find
    /// its boundary.
    static let texts = ["\u{345}\u{301}", "\u{1F1E6}"].map { String(repeating: $0, count: 40_000) }

    static let key = KeyConstructor.safeDefault.adding([
        "fields": .headers("*"), "meta": .requestMeta("*"), "cookies": .cookies(["session"]),
        "query": .queryParameters(["page"]),
        "form": .init(QueryParametersKeyBit(ignoring: ["utm_*"], decoding: .form)),
    ])

    private static func status(
        _ method: HTTPRequest.Method = .get, _ target: String = "/a", host: String = "example.test",
        fields: HTTPFields = [:], responseFields: HTTPFields = [.contentType: "application/json"], tag: String = "tag"
    ) async throws -> [Int] {
        let handler = Pipeline {
            GzipMiddleware()
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.minutes(1), key: key, in: MemoryStore(byteLimit: 1 << 24)) {
                $0.tags = .computed { _, _ in [tag] }
            }
        }.wrap { _ in .testing("{}", fields: responseFields) }
        var exchange = Exchange.testing(method, target, fields: fields)
        exchange.request.authority = host
        exchange.userID = "7"
        return [try await handler(exchange).status.code, try await handler(exchange).status.code]
    }

    @Test(arguments: texts, [HTTPRequest.Method.get, .put])
    func `A path with hostile text is served`(text: String, method: HTTPRequest.Method) async throws {
        #expect(try await Self.status(method, "/\(text)?page=\(text)&\(text)=1") == [200, 200])
        #expect(try await Self.status(method, "/a", host: text) == [200, 200])
    }

    @Test(arguments: [
        "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Length", "Cookie",
        "If-None-Match",
        "If-Range", "TE", "X-API-Key",
    ])
    func `A header field with hostile text is served`(name: String) async throws {
        for text in Self.texts {
            #expect(try await Self.status(fields: [try #require(HTTPField.Name(name)): text]) == [200, 200])
        }
    }

    @Test(arguments: [
        "Cache-Control", "Connection", "Content-Encoding", "Content-Type", "ETag", "Vary", "Age", "Expires",
    ])
    func `A handler may put hostile text into its response`(name: String) async throws {
        for text in Self.texts {
            #expect(try await Self.status(responseFields: [try #require(HTTPField.Name(name)): text]) == [200, 200])
            #expect(try await Self.status(tag: text) == [200, 200])
        }
    }

    @Test func `Negotiation compares hostile text`() throws {
        let formats = FormatNegotiation([.init(name: "json", mediaType: "application/json")])
        for text in Self.texts {
            #expect(throws: FormatNegotiation.NotAcceptable.self) { try formats.format(accept: text) }
            #expect(throws: FormatNegotiation.NotAcceptable.self) { try formats.format(accept: nil, query: text) }
            #expect(LanguageNegotiation(["en"]).language(accept: text) == "en")
        }
    }
}
