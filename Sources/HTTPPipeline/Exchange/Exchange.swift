public import HTTPTypes
public import NIOCore

/// An HTTP request and its context, as it passes through a ``Pipeline``.
///
/// An exchange is a value. A middleware that changes it passes the changed copy to ``Next``; other copies are not affected. Only
/// ``memo`` is shared between the copies of one request. Copying an exchange costs one reference count.
///
/// The application provides the user, the active language and the negotiated format through the adapter, or an outer middleware sets
/// them.
public struct Exchange: Sendable {
    @usableFromInline
    var storage: ExchangeStorage

    /// Whether keys are memoized per request unless they specify it themselves. ``Pipeline`` sets it.
    public var memoizesByDefault = false

    /// Creates an exchange for a request.
    ///
    /// - Parameters:
    ///   - request: The head of the request.
    ///   - body: The body of the request.
    ///   - route: The identity of the handler. The default consists of the path and the method of the request, which distinguishes all
    ///     resources.
    ///   - pathParameters: The path parameters from the router.
    ///   - client: What is known about the client.
    public init(
        request: HTTPRequest,
        body: RequestBody = .empty,
        route: Route? = nil,
        pathParameters: PathParameters = PathParameters(),
        client: Client = Client()
    ) {
        storage = ExchangeStorage(
            request: request,
            body: body,
            route: route ?? Route(of: request),
            pathParameters: pathParameters,
            client: client
        )
    }

    /// The memoized values of the request, shared by all copies of the exchange. The memo is created on first access.
    public var memo: RequestMemo { storage.memo }

    /// The memo, or nil if it has not been created yet.
    var existingMemo: RequestMemo? { storage.existingMemo }

    /// Returns the memoized value of an owner, if it has been computed. It costs half as much as ``RequestMemo``'s functions.
    ///
    /// - Parameters:
    ///   - owner: The owner.
    ///   - type: The type of the owner's values.
    /// - Returns: The value, or nil if it has not been computed.
    @inlinable
    package func memoizedValue<Value: Sendable>(of owner: ObjectIdentifier, as type: Value.Type) -> Value? {
        var value: Value?
        storage.withMemoized(by: owner) { node in
            precondition(Swift.type(of: node) == MemoEntry<Value>.self, "an owner has values of one type")
            value = unsafeDowncast(node, to: MemoEntry<Value>.self).immediateValue
        }
        return value
    }

    /// Identifies the content: exchanges of one request with the same revision are equal.
    @usableFromInline
    var revision: Int { storage.revision }

    /// The size of the body, if it is one buffer.
    package var bufferedByteCount: Int? {
        // The body of an unchanged request belongs to the framework and is not a buffer.
        storage.revision == 0 && storage.frameworkRequest != nil ? nil : storage.body.buffer?.readableBytes
    }

    /// What is known about the client.
    package var client: Client { storage.client }

    /// Whether there are path parameters.
    package var hasPathParameters: Bool { !storage.pathParameters.isEmpty }

    /// The decoded query parameters of the request target. They are parsed on each access: O(length of the query).
    public var queryParameters: QueryParameters {
        QueryParameters(target: request.path ?? "")
    }

    /// The attribute stored under `key`, or nil.
    public subscript<Key: AttributeKey>(key: Key.Type) -> Key.Value? {
        @inlinable get { storage.attributes[key] }
        @inlinable set { attributes[key] = newValue }
    }

    /// Makes the storage unique and gives it a new revision, because its content is about to change.
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
    /// The head of the request: method, scheme, authority, path with query, and header fields.
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

    /// The identity of the handler: view, method and path template.
    public var route: Route {
        @inlinable get { storage.route }
        _modify {
            willChange()
            yield &storage.route
        }
    }

    /// The positional and named path parameters from the router.
    public var pathParameters: PathParameters {
        @inlinable get { storage.pathParameters }
        _modify {
            willChange()
            yield &storage.pathParameters
        }
    }

    /// The address of the peer, or nil when it is unknown.
    public var remoteAddress: SocketAddress? {
        @inlinable get { storage.client.remoteAddress }
        _modify {
            willChange()
            yield &storage.client.remoteAddress
        }
    }

    /// The identifier of the authenticated user; nil for an anonymous user.
    public var userID: String? {
        @inlinable get { storage.client.userID }
        _modify {
            willChange()
            yield &storage.client.userID
        }
    }

    /// The active language as a language tag, or nil when the application has no translations.
    public var language: String? {
        @inlinable get { storage.client.language }
        _modify {
            willChange()
            yield &storage.client.language
        }
    }

    /// The name of the negotiated format (`json`, `csv`, ...), or nil when nothing was negotiated.
    public var format: String? {
        @inlinable get { storage.client.format }
        _modify {
            willChange()
            yield &storage.client.format
        }
    }

    /// Application-defined values, by their ``AttributeKey``.
    public var attributes: Attributes {
        @inlinable get { storage.attributes }
        _modify {
            willChange()
            yield &storage.attributes
        }
    }
}
