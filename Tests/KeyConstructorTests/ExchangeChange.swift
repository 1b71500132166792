import HTTPPipeline
import HTTPTypes
import NIOCore
import Testing

@testable import KeyConstructor

/// A change of an exchange that affects some inputs only.
struct ExchangeChange: Sendable, CustomTestStringConvertible {
    let inputs: ExchangeInputs
    let apply: @Sendable (inout Exchange) throws -> Void

    init(_ inputs: ExchangeInputs, _ apply: @escaping @Sendable (inout Exchange) throws -> Void) {
        self.inputs = inputs
        self.apply = apply
    }

    var testDescription: String { "\(ExchangeInput.allCases.filter { inputs.contains(ExchangeInputs($0)) })" }

    static let host = HTTPField.Name("Host")!

    /// Changes of every property of `Exchange` and of its request head.
    static let all: [ExchangeChange] = [
        ExchangeChange(.method) { $0.request.method = .query },
        ExchangeChange(.scheme) { $0.request.scheme = "https" }, ExchangeChange(.scheme) { $0.request.scheme = nil },
        ExchangeChange(.authority) { $0.request.authority = "other.test" },
        ExchangeChange(.path) { $0.request.path = "/b?page=1&q=1" },
        ExchangeChange(.path) { $0.request.path = "a?page=1&q=1" },
        ExchangeChange(.query) { $0.request.path = "/a?page=2&q=1" },
        ExchangeChange(.headerFields) { $0.request.headerFields[HTTPField.Name("X-Tenant")!] = "b" },
        ExchangeChange(.headerFields) { $0.request.headerFields[.cookie] = "session=b" },
        ExchangeChange(.headerFields) { $0.request.headerFields[.acceptEncoding] = "gzip" },
        ExchangeChange(.headerFields) { $0.request.headerFields[.accept] = "text/csv" },
        ExchangeChange(.headerFields.union(.authority)) { $0.request.headerFields[host] = "other.test" },
        ExchangeChange(.body) { $0.body = RequestBody(ByteBuffer(string: "b")) },
        ExchangeChange(.route) { $0.route.view = "b" }, ExchangeChange(.route) { $0.route.method = "put" },
        ExchangeChange(.route) { $0.route.template = "/b" },
        ExchangeChange(.pathParameters) { $0.pathParameters = PathParameters(named: [.init("id", 2)]) },
        ExchangeChange(.pathParameters) { $0.pathParameters = PathParameters(positional: [2]) },
        ExchangeChange(.pathParameters) { $0.pathParameters = PathParameters() },
        ExchangeChange(.remoteAddress) { $0.remoteAddress = try SocketAddress(ipAddress: "192.0.2.2", port: 1) },
        ExchangeChange(.userID) { $0.userID = "bob" }, ExchangeChange(.userID) { $0.userID = nil },
        ExchangeChange(.language) { $0.language = "fr" }, ExchangeChange(.language) { $0.language = nil },
        ExchangeChange(.format) { $0.format = "csv" }, ExchangeChange(.format) { $0.format = nil },
        ExchangeChange(.attributes) {
            $0[BuiltInBit.Tenant.self] = "b"
            $0[PaginationParameterNames.self] = ["q"]
            $0[RequestMeta.self] = ["GEOIP_CITY": "Rome"]
            $0[ListQuery.self] = QueryDescription("list b")
            $0[RetrieveQuery.self] = QueryDescription("retrieve b")
            $0[ListModelValues.self] = ModelValues([["b"]])
            $0[RetrieveModelValues.self] = ModelValues([["b"]])
        },
    ]

    /// Exchanges to change: with an authority, and with a Host field instead.
    static func exchanges() throws -> [Exchange] {
        var exchange = Exchange(
            request: HTTPRequest(
                method: .get, scheme: "http", authority: "one.test", path: "/a?page=1&q=1",
                headerFields: [.cookie: "session=a", HTTPField.Name("X-Tenant")!: "a"]),
            body: RequestBody(ByteBuffer(string: "a")), route: Route(view: "a", method: "get", template: "/a"),
            pathParameters: PathParameters(positional: [1], named: [.init("id", 1)]),
            client: Exchange.Client(
                remoteAddress: try SocketAddress(ipAddress: "192.0.2.1", port: 1), userID: "ann", language: "de",
                format: "json"))
        exchange[ListQuery.self] = QueryDescription("list a")
        exchange[RetrieveQuery.self] = QueryDescription("retrieve a")
        exchange[ListModelValues.self] = ModelValues([["a"]])
        exchange[RetrieveModelValues.self] = ModelValues([["a"]])
        var hostExchange = exchange
        hostExchange.request.authority = nil
        hostExchange.request.headerFields[host] = "one.test"
        return [exchange, hostExchange]
    }

    func applied(to exchange: Exchange) throws -> Exchange {
        var changed = exchange
        try apply(&changed)
        return changed
    }
}
