import HTTPPipeline

extension KeyConstructor {
    /// A bit of any type, synchronous or not, as a constructor holds it.
    ///
    /// The static members are the bits of this package; ``custom(_:)-(KeyBit)`` holds any other.
    public struct Bit: Sendable {
        enum Kind: Sendable {
            case synchronous(any KeyBit)
            case asynchronous(any AsyncKeyBit)
        }

        let kind: Kind

        private init(kind: Kind) {
            self.kind = kind
        }

        /// Holds a synchronous bit.
        public init(_ bit: some KeyBit) {
            kind = .synchronous(bit)
        }

        /// Holds a bit that has to be waited for.
        public init(_ bit: some AsyncKeyBit) {
            kind = .asynchronous(bit)
        }

        var synchronous: (any KeyBit)? {
            if case .synchronous(let bit) = kind { bit } else { nil }
        }

        var asynchronous: (any AsyncKeyBit)? {
            if case .asynchronous(let bit) = kind { bit } else { nil }
        }

        var separates: RequestSeparation {
            switch kind {
            case .synchronous(let bit): bit.separates
            case .asynchronous(let bit): bit.separates
            }
        }

        func overriding(_ parameters: KeyParameters) -> Bit {
            switch kind {
            case .synchronous(let bit): Bit(kind: .synchronous(bit.overriding(parameters)))
            case .asynchronous(let bit): Bit(kind: .asynchronous(bit.overriding(parameters)))
            }
        }
    }
}

extension KeyConstructor.Bit {
    /// ``UniqueViewIDKeyBit``: the view that answers.
    public static var uniqueViewID: Self { Self(UniqueViewIDKeyBit()) }

    /// ``UniqueMethodIDKeyBit``: the view and the method that answer.
    public static var uniqueMethodID: Self { Self(UniqueMethodIDKeyBit()) }

    /// ``FormatKeyBit``: the negotiated format.
    public static var format: Self { Self(FormatKeyBit()) }

    /// ``LanguageKeyBit``: the active language.
    public static var language: Self { Self(LanguageKeyBit()) }

    /// ``UserKeyBit``: the user, or anonymous.
    public static var user: Self { Self(UserKeyBit()) }

    /// ``HostKeyBit``: the host the request was sent to.
    public static var host: Self { Self(HostKeyBit()) }

    /// ``HeadersKeyBit``: the named header fields, `"*"` for all.
    public static func headers(_ parameters: KeyParameters) -> Self { Self(HeadersKeyBit(parameters)) }

    /// ``QueryParametersKeyBit``: the whole query.
    public static var queryParameters: Self { Self(QueryParametersKeyBit()) }

    /// ``QueryParametersKeyBit``: the named parameters of the query.
    public static func queryParameters(_ parameters: KeyParameters) -> Self { Self(QueryParametersKeyBit(parameters)) }

    /// ``PathParametersKeyBit``: all named path parameters.
    public static var pathParameters: Self { Self(PathParametersKeyBit()) }

    /// ``PathParametersKeyBit``: some named path parameters.
    public static func pathParameters(_ parameters: KeyParameters) -> Self { Self(PathParametersKeyBit(parameters)) }

    /// ``ArgumentsKeyBit``: all positional path parameters.
    public static var arguments: Self { Self(ArgumentsKeyBit()) }

    /// ``ArgumentsKeyBit``: the positional path parameters at some positions.
    public static func arguments(_ parameters: KeyParameters) -> Self { Self(ArgumentsKeyBit(parameters)) }

    /// ``PaginationKeyBit``: the usual pagination parameters of the query.
    public static var pagination: Self { Self(PaginationKeyBit()) }

    /// ``PaginationKeyBit``: pagination parameters of other names.
    public static func pagination(_ names: [String]) -> Self { Self(PaginationKeyBit(names: names)) }

    /// A bit of the application's own.
    public static func custom(_ bit: some KeyBit) -> Self { Self(bit) }

    /// A bit of the application's own that has to be waited for.
    public static func custom(_ bit: some AsyncKeyBit) -> Self { Self(bit) }
}
