public import HTTPPipeline
public import HTTPTypes
import NIOCore

/// The settings of an ``IdempotencyMiddleware``.
public struct IdempotencySettings: Sendable {
    /// What a request with a key and without a user stands for.
    ///
    /// A key must be known together with the client that uses it: otherwise a client that guesses or repeats the key of another one
    /// receives its response. The security considerations of the draft recommend to look up keys together with the identity of the client.
    public enum AnonymousClients: Sendable, Hashable {
        /// The request is refused with 400, the default.
        case refused
        /// The client is the address of the peer. Behind a proxy, the adapter must provide the address of the client. All clients behind one
        /// address share their keys, and a client that changes its address runs the handler again.
        case byRemoteAddress
        /// All clients without a user share their keys. Only for clients of your own that send random keys, such as UUIDs.
        case shared
    }

    /// The methods whose requests may have a key. POST and PATCH by default.
    public var methods: Set<HTTPRequest.Method> = [.post, .patch]

    /// How long records are kept, and when an unfinished one can be started again.
    public var lifetimes = IdempotencyLifetimes()

    /// Whether requests without a key are refused with 400.
    public var isRequired = false

    /// The URL of a page for clients about the use of keys, which errors name in a Link field with the relation `describedby`.
    public var documentation: String?

    /// What a request without a user stands for.
    public var anonymousClients = AnonymousClients.refused

    /// The maximum size in bytes of the body of a request with a key. A larger one is refused with 413. 1 MiB by default.
    public var maximumRequestSize = 1 << 20

    /// The maximum size in bytes of the body of a stored response. 256 KiB by default.
    ///
    /// A larger response is passed on, and its key can be used again: a repetition runs the handler again.
    public var maximumResponseSize = 256 << 10

    /// Whether a response with a status is stored. If it is not, its key can be used again.
    ///
    /// By default all below 500 are stored, except those by which a server refuses to begin: 401, 408, 425 and 429.
    public var storesStatus: @Sendable (HTTPResponse.Status) -> Bool = { status in
        status.code < 500 && ![401, 408, 425, 429].contains(status.code)
    }

    /// Is called with the error of a store that has failed to finish or to abandon a record, and the response is sent anyway; and with a
    /// `TransientError` of a store that cannot start a record, and the response is 503.
    public var storeDidFail: (@Sendable (any Error, Exchange) -> Void)?

    /// Creates the recommended settings.
    public init() {}

    /// Returns the text that identifies the client of a request, or nil if it must be refused.
    func client(of exchange: Exchange) -> String? {
        if let user = exchange.userID { return "user:\(user)" }
        switch anonymousClients {
        case .refused: return nil
        case .byRemoteAddress:
            // Without the port, which is another one for each connection.
            guard let address = exchange.remoteAddress else { return nil }
            return "address:\(address.ipAddress ?? address.pathname ?? "")"
        case .shared: return "anonymous"
        }
    }
}
