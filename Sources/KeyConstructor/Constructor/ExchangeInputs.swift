/// The inputs of an exchange that a key bit reads.
///
/// Two exchanges with equal inputs have the same value of the bit. ``KeyConstructor`` uses the declarations of its bits to decide
/// whether it may reuse a recently computed key: it compares exactly the declared inputs.
///
/// Reading an input and separating requests by it are different promises. A bit that writes whether the user is an administrator reads
/// the user but gives all administrators the same key. ``RequestSeparation`` therefore does not follow from the inputs. The reverse
/// holds: a bit reads every input by which it separates requests.
public struct ExchangeInputs: OptionSet, Sendable, Hashable {
    /// One bit for each input.
    public let rawValue: UInt32

    /// Creates a set from its raw value.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    init(_ input: ExchangeInput) {
        self.init(rawValue: 1 << UInt32(input.rawValue))
    }

    /// The method of the request head, and the protocol of an extended CONNECT.
    public static let method = Self(.method)

    /// The scheme of the request head.
    public static let scheme = Self(.scheme)

    /// The authority of the request head, or the Host fields of a request without authority (RFC 9113 section 8.3.1).
    public static let authority = Self(.authority)

    /// The target of the request up to the query.
    public static let path = Self(.path)

    /// The query of the target.
    public static let query = Self(.query)

    /// The whole target of the request: path and query.
    public static let target: Self = [.path, .query]

    /// The header fields of the request, including Host.
    public static let headerFields = Self(.headerFields)

    /// `Exchange.body`.
    public static let body = Self(.body)

    /// `Exchange.route`.
    public static let route = Self(.route)

    /// `Exchange.pathParameters`, named and positional.
    public static let pathParameters = Self(.pathParameters)

    /// `Exchange.remoteAddress`.
    public static let remoteAddress = Self(.remoteAddress)

    /// `Exchange.userID`.
    public static let userID = Self(.userID)

    /// `Exchange.language`.
    public static let language = Self(.language)

    /// `Exchange.format`.
    public static let format = Self(.format)

    /// `Exchange.attributes`.
    public static let attributes = Self(.attributes)

    /// Values outside of the exchange: a clock, a counter, a row of a database.
    public static let external = Self(.external)

    /// The current values of version stamps: values outside of the exchange that a cache can compare on each hit.
    public static let stamps = Self(.stamps)

    /// Every input. It is the default of a bit, because it is always true.
    public static let all = ExchangeInput.allCases.reduce(into: Self()) { $0.insert(Self($1)) }
}

extension ExchangeInputs {
    /// Whether identical bytes of a request without a user lead to an equal value as long as the stamps are unchanged. It is assumed that
    /// language, format, route and attributes follow from the bytes.
    package var followsFromRequest: Bool { isDisjoint(with: [.remoteAddress, .external]) }
}

/// The inputs of an exchange one by one, for exhaustive switches.
enum ExchangeInput: UInt8, CaseIterable, Sendable {
    case method, scheme, authority, path, query, headerFields, body, route, pathParameters, remoteAddress, userID,
        language, format,
        attributes, external, stamps
}
