public import HTTPTypes
public import NIOCore

/// One HTTP request and what is known of it, on its way through a ``Pipeline``.
///
/// An exchange is a value: a middleware that changes it hands the changed copy to ``Next`` and nobody else
/// sees the change. Only ``memo`` is shared between the copies of one request.
///
/// What the framework cannot know (the user, the active language, the negotiated format) is supplied by the
/// application through the framework's adapter, or set by a middleware further out.
public struct Exchange: Sendable {
    /// The head of the request: method, scheme, authority, path with query, header fields.
    public var request: HTTPRequest { didSet { isChanged() } }

    /// The body of the request.
    public var body: RequestBody { didSet { isChanged() } }

    /// The identity of the handler that answers: view, method and path template.
    public var route: Route { didSet { isChanged() } }

    /// The positional and named parameters that the router took from the path.
    public var pathParameters: PathParameters { didSet { isChanged() } }

    /// The address of the peer, or nil when it is not known.
    public var remoteAddress: SocketAddress? { didSet { isChanged() } }

    /// The authenticated user's identifier; nil is an anonymous user.
    public var userID: String? { didSet { isChanged() } }

    /// The active language as a language tag, or nil when the application does not translate.
    public var language: String? { didSet { isChanged() } }

    /// The name of the negotiated format (`json`, `csv`, ...), or nil when the application has only one.
    public var format: String? { didSet { isChanged() } }

    /// Values that only the application knows, by their ``AttributeKey``.
    public var attributes: Attributes { didSet { isChanged() } }

    /// Whether keys that leave it open are computed once per request; ``Pipeline`` sets it.
    public var memoizesByDefault = false

    /// What was computed once for this request. Every copy of the exchange shares it.
    public let memo: RequestMemo

    /// Names the present content: two exchanges of one request with the same revision are the same. What was computed from
    /// one is found again by comparing a number.
    private(set) var revision = 0

    /// Creates an exchange.
    ///
    /// - Parameters:
    ///   - request: The head of the request.
    ///   - body: The body of the request.
    ///   - route: The identity of the handler. The default is the path and the method of the request, which
    ///     separates every resource when nothing better is known.
    ///   - pathParameters: The parameters the router found.
    ///   - remoteAddress: The address of the peer.
    ///   - userID: The authenticated user; nil is anonymous.
    ///   - language: The active language.
    ///   - format: The negotiated format.
    public init(
        request: HTTPRequest,
        body: RequestBody = .empty,
        route: Route? = nil,
        pathParameters: PathParameters = PathParameters(),
        remoteAddress: SocketAddress? = nil,
        userID: String? = nil,
        language: String? = nil,
        format: String? = nil
    ) {
        self.request = request
        self.body = body
        self.route = route ?? Route(of: request)
        self.pathParameters = pathParameters
        self.remoteAddress = remoteAddress
        self.userID = userID
        self.language = language
        self.format = format
        self.attributes = Attributes()
        self.memo = RequestMemo()
    }

    private mutating func isChanged() {
        revision = memo.makeRevision()
    }

    /// The parameters in the query of the request's target, decoded.
    ///
    /// They are parsed anew on each access: O(length of the query).
    public var queryParameters: QueryParameters {
        QueryParameters(target: request.path ?? "")
    }

    /// The attribute stored under `key`, or nil.
    public subscript<Key: AttributeKey>(key: Key.Type) -> Key.Value? {
        get { attributes[key] }
        set { attributes[key] = newValue }
    }
}
