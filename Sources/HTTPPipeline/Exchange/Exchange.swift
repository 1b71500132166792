public import HTTPTypes
public import NIOCore

/// One HTTP request and what is known of it, on its way through a ``Pipeline``.
///
/// An exchange is a value: a middleware that changes it hands the changed copy to ``Next`` and nobody else
/// sees the change. Only ``memo`` is shared between the copies of one request. A copy that is not changed costs no more than
/// a reference.
///
/// What the framework cannot know (the user, the active language, the negotiated format) is supplied by the
/// application through the framework's adapter, or set by a middleware further out.
public struct Exchange: Sendable {
    @usableFromInline
    var storage: ExchangeStorage

    /// Whether keys that leave it open are computed once per request; ``Pipeline`` sets it.
    public var memoizesByDefault = false

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
        storage = ExchangeStorage(
            request: request,
            body: body,
            route: route ?? Route(of: request),
            pathParameters: pathParameters,
            remoteAddress: remoteAddress,
            userID: userID,
            language: language,
            format: format
        )
    }

    /// What was computed once for this request. Every copy of the exchange shares it.
    ///
    /// It is made when it is first asked for.
    public var memo: RequestMemo { storage.memo }

    /// The memo, or nil as long as nobody has asked for it.
    var existingMemo: RequestMemo? { storage.existingMemo }

    /// The value that an owner has computed for this exchange: what ``RequestMemo`` returns where nothing is to be computed, for
    /// half the price.
    ///
    /// - Parameters:
    ///   - owner: Whose value it is.
    ///   - type: The type of the owner's values.
    /// - Returns: The value, or nil as long as it has not been computed.
    @inlinable
    package func memoizedValue<Value: Sendable>(of owner: ObjectIdentifier, as type: Value.Type) -> Value? {
        var value: Value?
        storage.withMemoized(by: owner) { entry in
            precondition(Swift.type(of: entry) == MemoEntry<Value>.self, "an owner has values of one type")
            value = unsafeDowncast(entry, to: MemoEntry<Value>.self).immediateValue
        }
        return value
    }

    /// Names the present content: two exchanges of one request with the same revision are the same. What was computed from
    /// one is found again by comparing a number.
    @usableFromInline
    var revision: Int { storage.revision }

    /// Whether this is the other exchange, unchanged. A changed one that was changed back is another one.
    package func isUnchanged(_ other: Exchange) -> Bool { storage === other.storage }

    /// The size of the body, if it is one buffer already.
    package var bufferedByteCount: Int? {
        // A framework's body, which is what a request has that nobody has changed, need not even be looked at.
        storage.revision == 0 && storage.call != nil ? nil : storage.body.buffer?.readableBytes
    }

    /// Whether the router found parameters.
    package var hasPathParameters: Bool { !storage.pathParameters.isEmpty }

    /// Whether this is the exchange that was made with the body of this call, unchanged.
    package func isUnchanged(sinceMadeOf call: any FrameworkCall) -> Bool {
        storage.revision == 0 && storage.call === call
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

    /// Makes the storage this exchange's own, under another revision: its content is about to change.
    private mutating func willChange() {
        if isKnownUniquelyReferenced(&storage) {
            storage.changeRevision()
        } else {
            storage = storage.copy()
        }
    }
}

// MARK: - Content

extension Exchange {
    /// The head of the request: method, scheme, authority, path with query, header fields.
    public var request: HTTPRequest {
        @inlinable get { storage.request }
        _modify {
            willChange()
            yield &storage.request
        }
    }

    /// The body of the request.
    public var body: RequestBody {
        @inlinable get { storage.body }
        _modify {
            willChange()
            yield &storage.body
        }
    }

    /// The identity of the handler that answers: view, method and path template.
    public var route: Route {
        @inlinable get { storage.route }
        _modify {
            willChange()
            yield &storage.route
        }
    }

    /// The positional and named parameters that the router took from the path.
    public var pathParameters: PathParameters {
        @inlinable get { storage.pathParameters }
        _modify {
            willChange()
            yield &storage.pathParameters
        }
    }

    /// The address of the peer, or nil when it is not known.
    public var remoteAddress: SocketAddress? {
        @inlinable get { storage.remoteAddress }
        _modify {
            willChange()
            yield &storage.remoteAddress
        }
    }

    /// The authenticated user's identifier; nil is an anonymous user.
    public var userID: String? {
        @inlinable get { storage.userID }
        _modify {
            willChange()
            yield &storage.userID
        }
    }

    /// The active language as a language tag, or nil when the application does not translate.
    public var language: String? {
        @inlinable get { storage.language }
        _modify {
            willChange()
            yield &storage.language
        }
    }

    /// The name of the negotiated format (`json`, `csv`, ...), or nil when the application has only one.
    public var format: String? {
        @inlinable get { storage.format }
        _modify {
            willChange()
            yield &storage.format
        }
    }

    /// Values that only the application knows, by their ``AttributeKey``.
    public var attributes: Attributes {
        @inlinable get { storage.attributes }
        _modify {
            willChange()
            yield &storage.attributes
        }
    }
}
