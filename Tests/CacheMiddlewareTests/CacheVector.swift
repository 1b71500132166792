import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting

/// A recorded sequence of requests: the arguments of the decorator, the settings, and which requests run the handler.
struct CacheVector: Decodable {
    struct Step: Decodable {
        struct Request: Decodable {
            let method: String
            let path: String
            let query_string: String
            let headers: [[String]]
            let user_id: Int?
            let language: String
        }

        struct Handler: Decodable {
            let status: Int?
            let headers: [String: String]?
            let cookie: String?
            let raises: String?
        }

        struct Expected: Decodable {
            struct Ours: Decodable {
                let body: String?
            }

            let handler_called: Bool
            let status: Int?
            let body: String?
            let content_type: String?
            let headers: [String: String]?
            let has_cookie: Bool?
            let raises: String?
            let ours: Ours?
        }

        let advance_seconds: Int
        let request: Request
        let handler: Handler
        let expected: Expected
    }

    struct Options: Decodable {
        /// A number of seconds, the name of an attribute of the view, or nothing.
        enum Timeout: Decodable {
            case seconds(Int)
            case attribute(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let seconds = try? container.decode(Int.self) {
                    self = .seconds(seconds)
                } else {
                    self = .attribute(try container.decode(String.self))
                }
            }
        }

        let timeout: Timeout?
        let cache_errors: Bool?
        let cache: String?
    }

    struct Settings: Decodable {
        let DEFAULT_CACHE_RESPONSE_TIMEOUT: Int?
        let DEFAULT_CACHE_ERRORS: Bool?
        let DEFAULT_USE_CACHE: String?
    }

    let name: String
    let decorator: Options
    let settings: Settings
    let view_attrs: [String: Int?]
    let key: String
    let steps: [Step]
}

extension CacheVector {
    /// An error of the framework, with the reply that it is rendered as, or any other error.
    fileprivate struct Raised: Error {}

    private var cacheSettings: CacheSettings {
        var result = CacheSettings.drf
        if let seconds = settings.DEFAULT_CACHE_RESPONSE_TIMEOUT { result.lifetime = .seconds(seconds) }
        if let cachesErrors = settings.DEFAULT_CACHE_ERRORS { result.cachesErrors = cachesErrors }
        if let name = settings.DEFAULT_USE_CACHE { result.storeName = name }
        return result
    }

    private var timeout: CacheLifetime {
        switch decorator.timeout {
        case nil: return .settings
        case .seconds(let seconds): return .seconds(seconds)
        case .attribute(let name):
            let value = view_attrs[name] ?? nil
            return .computed { _, _ in value.map { .seconds($0) } ?? .forever }
        }
    }

    private var keyConstructor: KeyConstructor? {
        switch key {
        case "default": .default
        case "query+user":
            KeyConstructor.default.adding([
                "query": .init(QueryParametersKeyBit(repetition: .last)), "user": .user,
                "path_parameters": .pathParameters,
            ])
        case "constant": ["constant": .computed { _ in "constant" }]
        default: nil
        }
    }

    /// Runs the sequence.
    ///
    /// - Returns: A description of the first difference, or nil.
    func failure() async throws -> String? {
        guard let keyConstructor else { return "the key '\(key)' is not known" }
        let (time, counter) = (ManualTimeSource(), HandlerCounter())
        func store() -> MemoryStore { MemoryStore(byteLimit: 1 << 20, timeSource: time) }
        let stores = CacheStores(default: store(), ["special_cache": store()])
        let named = try stores.store(named: decorator.cache ?? cacheSettings.storeName)
        let pipeline = Pipeline {
            CacheResponseMiddleware(timeout, key: keyConstructor, in: named, runtime: .testing(time)) {
                $0 = cacheSettings
                if let cachesErrors = decorator.cache_errors { $0.cachesErrors = cachesErrors }
            }
        }
        for (number, step) in steps.enumerated() {
            time.advance(by: .seconds(step.advance_seconds))
            let runs = counter.count
            let exchange = try step.exchange
            let handler = pipeline.wrap { try step.reply(to: $0, counter: counter) }
            let expected = step.expected
            do {
                let reply = try await handler(exchange)
                let text = try await reply.text()
                let body = exchange.request.method == .head ? expected.ours?.body ?? expected.body : expected.body
                guard reply.status.code == expected.status, text == body else {
                    return "step \(number): \(reply.status.code) \(text)"
                }
                guard reply.headerFields[.contentType] == expected.content_type,
                    reply.headerFields.contains(.setCookie) == expected.has_cookie,
                    (expected.headers ?? [:]).allSatisfy({ reply.headerFields[HTTPField.Name($0)!] == $1 })
                else { return "step \(number): \(reply.headerFields)" }
            } catch is Raised {
                guard expected.raises != nil else { return "step \(number): raised" }
            }
            // The framework responds to a method that the view does not have.
            let called = counter.count > runs && exchange.request.method != .post
            guard called == expected.handler_called else { return "step \(number): handler called \(called)" }
        }
        return nil
    }
}

extension CacheVector.Step {
    private static let negotiation = FormatNegotiation([
        .init(name: "json", mediaType: "application/json"), .init(name: "xml", mediaType: "application/xml"),
    ])

    var exchange: Exchange {
        get throws {
            let target = request.query_string.isEmpty ? request.path : "\(request.path)?\(request.query_string)"
            var exchange = Exchange.testing(.init(request.method)!, target, view: "views.CacheView")
            for header in request.headers {
                exchange.request.headerFields.append(HTTPField(name: .init(header[0])!, value: header[1]))
            }
            exchange.userID = request.user_id.map { "\($0)" }
            exchange.language = request.language
            exchange.format = try Self.negotiation.format(
                accept: exchange.request.headerFields[.accept], query: exchange.queryParameters["format"]
            ).name
            return exchange
        }
    }

    func reply(to exchange: Exchange, counter: HandlerCounter) throws -> Reply {
        let run = counter.increment()
        let json = "application/json"
        if exchange.request.method == .post {
            return .testing(
                #"{"detail":"Method \"POST\" not allowed."}"#, status: .methodNotAllowed, fields: [.contentType: json])
        }
        switch handler.raises {
        case "NotFound"?:
            var reply = Reply.testing(#"{"detail":"Not found."}"#, status: .notFound, fields: [.contentType: json])
            reply.thrownError = CacheVector.Raised()
            return reply
        case .some: throw CacheVector.Raised()
        case nil: break
        }
        let isXML = exchange.format == "xml"
        var reply = Reply.testing(
            isXML ? "<x/>" : #"{"n":\#(run)}"#, status: .init(code: handler.status ?? 200),
            fields: [.contentType: isXML ? "application/xml; charset=utf-8" : json]
        )
        for (name, value) in handler.headers ?? [:] { reply.headerFields[.init(name)!] = value }
        if let cookie = handler.cookie { reply.headerFields[.setCookie] = "c=\(cookie)" }
        return reply
    }
}
