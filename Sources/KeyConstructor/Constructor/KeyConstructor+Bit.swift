public import HTTPPipeline

extension KeyConstructor {
    /// A synchronous or asynchronous bit of any type, as an element of a constructor.
    ///
    /// The static members are the bits of this package. ``custom(_:)-(KeyBit)`` creates any other bit.
    public struct Bit: Sendable, Hashable {
        enum Kind: Sendable {
            case synchronous(any KeyBit)
            case asynchronous(any AsyncKeyBit)
        }

        let kind: Kind
        private let identity: Identity

        private init(kind: Kind, identity: Identity) {
            self.kind = kind
            self.identity = identity
        }

        /// Wraps a synchronous bit.
        public init(_ bit: some KeyBit) {
            self.init(kind: .synchronous(bit), identity: Identity(of: bit))
        }

        /// Wraps an asynchronous bit.
        public init(_ bit: some AsyncKeyBit) {
            self.init(kind: .asynchronous(bit), identity: Identity(of: bit))
        }

        var synchronous: (any KeyBit)? {
            if case .synchronous(let bit) = kind { bit } else { nil }
        }

        var asynchronous: (any AsyncKeyBit)? {
            if case .asynchronous(let bit) = kind { bit } else { nil }
        }

        var inputs: ExchangeInputs {
            switch kind {
            case .synchronous(let bit): bit.inputs
            case .asynchronous(let bit): bit.inputs
            }
        }

        var separates: RequestSeparation {
            switch kind {
            case .synchronous(let bit): bit.separates
            case .asynchronous(let bit): bit.separates
            }
        }

        func overriding(_ parameters: KeyParameters) -> Bit {
            switch kind {
            case .synchronous(let bit):
                let other = bit.overriding(parameters)
                return Bit(kind: .synchronous(other), identity: Identity(of: other))
            case .asynchronous(let bit):
                let other = bit.overriding(parameters)
                return Bit(kind: .asynchronous(other), identity: Identity(of: other))
            }
        }

        /// Returns whether both contain equal bits of one type. Bits that are not `Hashable` are equal only to themselves.
        public static func == (left: Bit, right: Bit) -> Bool { left.identity == right.identity }

        /// Hashes the bit by the identity that `==` compares.
        public func hash(into hasher: inout Hasher) { identity.hash(into: &hasher) }
    }
}

extension KeyConstructor.Bit {
    /// ``UniqueViewIDKeyBit``: the name of the handler.
    public static var uniqueViewID: Self { Self(UniqueViewIDKeyBit()) }

    /// ``UniqueMethodIDKeyBit``: the name of the handler and its method.
    public static var uniqueMethodID: Self { Self(UniqueMethodIDKeyBit()) }

    /// ``FormatKeyBit``: the negotiated format.
    public static var format: Self { Self(FormatKeyBit()) }

    /// ``LanguageKeyBit``: the active language.
    public static var language: Self { Self(LanguageKeyBit()) }

    /// ``UserKeyBit``: the user, or `anonymous`.
    public static var user: Self { Self(UserKeyBit()) }

    /// ``SchemeKeyBit``: the scheme of the request.
    public static var scheme: Self { Self(SchemeKeyBit()) }

    /// ``HostKeyBit``: the host of the request.
    public static var host: Self { Self(HostKeyBit()) }

    /// ``ContentCodingKeyBit``: the negotiated content coding of the response.
    public static var contentCoding: Self { Self(ContentCodingKeyBit()) }

    /// ``HeadersKeyBit``: the named header fields, `"*"` for all.
    public static func headers(_ parameters: KeyParameters) -> Self { Self(HeadersKeyBit(parameters)) }

    /// ``QueryParametersKeyBit``: the whole query.
    public static var queryParameters: Self { Self(QueryParametersKeyBit()) }

    /// ``QueryParametersKeyBit``: the named query parameters.
    public static func queryParameters(_ parameters: KeyParameters) -> Self { Self(QueryParametersKeyBit(parameters)) }

    /// ``PathParametersKeyBit``: all named path parameters.
    public static var pathParameters: Self { Self(PathParametersKeyBit()) }

    /// ``PathParametersKeyBit``: selected named path parameters.
    public static func pathParameters(_ parameters: KeyParameters) -> Self { Self(PathParametersKeyBit(parameters)) }

    /// ``ArgumentsKeyBit``: all positional path parameters.
    public static var arguments: Self { Self(ArgumentsKeyBit()) }

    /// ``ArgumentsKeyBit``: the positional path parameters at the given positions.
    public static func arguments(_ parameters: KeyParameters) -> Self { Self(ArgumentsKeyBit(parameters)) }

    /// ``PaginationKeyBit``: the common pagination parameters of the query.
    public static var pagination: Self { Self(PaginationKeyBit()) }

    /// ``PaginationKeyBit``: pagination parameters with other names.
    public static func pagination(_ names: [String]) -> Self { Self(PaginationKeyBit(names: names)) }

    /// ``RequestMetaKeyBit``: the named entries of the WSGI environment, `"*"` for all.
    public static func requestMeta(_ parameters: KeyParameters) -> Self { Self(RequestMetaKeyBit(parameters)) }

    /// ``QueryParametersKeyBit``: the whole query except the given parameters. `utm_*` matches a prefix.
    public static func queryParameters(ignoring patterns: [String]) -> Self {
        Self(QueryParametersKeyBit(ignoring: patterns))
    }

    /// ``CookiesKeyBit``: the named cookies, `"*"` for all.
    public static func cookies(_ parameters: KeyParameters) -> Self { Self(CookiesKeyBit(parameters)) }

    /// ``PathKeyBit``: the path of the request.
    public static var path: Self { Self(PathKeyBit()) }

    /// ``TargetKeyBit``: the path and the query of the request, unchanged.
    public static var target: Self { Self(TargetKeyBit()) }

    /// ``BodyDigestKeyBit``: the digest of the request's body, up to a size in bytes.
    public static func bodyDigest(upTo limit: Int) -> Self { Self(BodyDigestKeyBit(upTo: limit)) }

    /// ``AttributeKeyBit``: the attribute that the exchange has for this key.
    public static func attribute<Key: AttributeKey>(_ key: Key.Type) -> Self where Key.Value: KeyValueConvertible {
        Self(AttributeKeyBit(key))
    }

    /// ``ConstantKeyBit``: a fixed text, such as a build number.
    public static func constant(_ text: String) -> Self { Self(ConstantKeyBit(text)) }

    /// ``QueryDescriptionKeyBit``: the statement that lists a collection.
    public static var listSQLQuery: Self { Self(QueryDescriptionKeyBit(.list)) }

    /// ``QueryDescriptionKeyBit``: the statement that retrieves one object.
    public static var retrieveSQLQuery: Self { Self(QueryDescriptionKeyBit(.retrieve)) }

    /// ``ModelValuesKeyBit``: the values of every row of a collection.
    public static var listModelValues: Self { Self(ModelValuesKeyBit(.list)) }

    /// ``ModelValuesKeyBit``: the values of one row.
    public static var retrieveModelValues: Self { Self(ModelValuesKeyBit(.retrieve)) }

    /// ``ClosureKeyBit``: the value that a closure computes.
    ///
    /// A key that is a function of the request is a constructor with one such bit: `["key": .computed { ... }]`.
    public static func computed(
        separates: RequestSeparation = .none,
        _ value: @escaping @Sendable (Exchange) -> KeyValue
    ) -> Self {
        Self(ClosureKeyBit(separates: separates, value))
    }

    /// ``ClosureKeyBit``: the `String`, `Int` or other convertible value that a closure computes.
    public static func computed<Value: KeyValueConvertible & SendableMetatype>(
        separates: RequestSeparation = .none,
        _ value: @escaping @Sendable (Exchange) -> Value
    ) -> Self {
        Self(ClosureKeyBit(separates: separates) { value($0).keyValue })
    }

    /// ``AsyncClosureKeyBit``: the value that an asynchronous closure computes.
    public static func awaited(
        separates: RequestSeparation = .none,
        _ value: @escaping @Sendable (Exchange) async throws -> KeyValue
    ) -> Self {
        Self(AsyncClosureKeyBit(separates: separates, value))
    }

    /// ``AsyncClosureKeyBit``: the `String`, `Int` or other convertible value that an asynchronous closure computes.
    public static func awaited<Value: KeyValueConvertible & SendableMetatype>(
        separates: RequestSeparation = .none,
        _ value: @escaping @Sendable (Exchange) async throws -> Value
    ) -> Self {
        Self(AsyncClosureKeyBit(separates: separates) { try await value($0).keyValue })
    }

    /// A bit of an application.
    public static func custom(_ bit: some KeyBit) -> Self { Self(bit) }

    /// An asynchronous bit of an application.
    public static func custom(_ bit: some AsyncKeyBit) -> Self { Self(bit) }
}
