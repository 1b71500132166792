import HTTPPipeline
import HTTPTypes

/// The values of a constructor's inputs for one exchange.
///
/// Text is compared byte by byte, as a key holds it. Swift's comparison, which is faster, also equates two spellings of one character.
/// It distinguishes two texts of equal length of which one is ASCII, because every other spelling of ASCII text is longer. Therefore only
/// ASCII inputs are kept.
struct KeyInputs: Sendable {
    /// An input that `KeyInputs` can compare. Targets differ most often and are compared first.
    enum Compared: UInt8, CaseIterable, Sendable {
        case target, route, authority, userID, language, format, scheme, method, pathParameters

        /// Creates the comparison of an input, or returns nil for an input that cannot be compared cheaply.
        init?(_ input: ExchangeInput) {
            switch input {
            case .path, .query: self = .target
            case .route: self = .route
            case .authority: self = .authority
            case .userID: self = .userID
            case .language: self = .language
            case .format: self = .format
            case .scheme: self = .scheme
            case .method: self = .method
            case .pathParameters: self = .pathParameters
            case .headerFields, .body, .remoteAddress, .attributes, .external, .stamps: return nil
            }
        }
    }

    private var target: String?
    private var route: Route?
    private var authority: String?
    /// The Host fields of a request without authority.
    private var hostFields: [String] = []
    private var userID: String?
    private var language: String?
    private var format: String?
    private var scheme: String?
    private var method: [String] = []
    private var pathParameters = PathParameters()

    /// Longer inputs are rare and not worth their memory.
    private static let maximumByteCount = 1024

    /// Reads the inputs of an exchange.
    init(_ inputs: [Compared], of exchange: Exchange) {
        for input in inputs {
            switch input {
            case .target: target = exchange.request.path
            case .route: route = exchange.route
            case .authority:
                authority = exchange.request.authority
                if authority == nil { hostFields = RequestHost.fields(of: exchange.request) }
            case .userID: userID = exchange.userID
            case .language: language = exchange.language
            case .format: format = exchange.format
            case .scheme: scheme = exchange.request.scheme
            case .method: method = Self.methodTexts(of: exchange)
            case .pathParameters: pathParameters = exchange.pathParameters
            }
        }
    }

    /// Returns the comparisons of a set of inputs without duplicates, or nil if the set has an input that cannot be compared.
    static func comparisons(of inputs: ExchangeInputs) -> [Compared]? {
        var found: Set<Compared> = []
        for input in ExchangeInput.allCases where inputs.contains(ExchangeInputs(input)) {
            guard let compared = Compared(input) else { return nil }
            found.insert(compared)
        }
        return Compared.allCases.filter(found.contains)
    }

    /// Returns whether an exchange has the same inputs.
    func equal(_ inputs: [Compared], of exchange: Exchange) -> Bool {
        for input in inputs {
            guard equal(input, of: exchange) else { return false }
        }
        return true
    }

    @inline(__always)
    private func equal(_ input: Compared, of exchange: Exchange) -> Bool {
        switch input {
        case .target: Self.equal(target, exchange.request.path)
        case .route: Self.equal(route, exchange.route)
        case .authority:
            Self.equal(authority, exchange.request.authority)
                && (authority != nil || Self.equal(hostFields, RequestHost.fields(of: exchange.request)))
        case .userID: Self.equal(userID, exchange.userID)
        case .language: Self.equal(language, exchange.language)
        case .format: Self.equal(format, exchange.format)
        case .scheme: Self.equal(scheme, exchange.request.scheme)
        case .method: Self.equal(method, Self.methodTexts(of: exchange))
        case .pathParameters:
            // Most requests have no path parameters, and this comparison copies none.
            pathParameters.isEmpty
                ? !exchange.hasPathParameters : Self.equal(pathParameters, exchange.pathParameters)
        }
    }

    /// Returns the texts of an input, or nil if it contains more than texts, integers and Booleans.
    private func texts(of input: Compared) -> [String]? {
        switch input {
        case .target: Self.texts(target)
        case .route: Self.texts(route?.view, route?.method, route?.template)
        case .authority: Self.texts(authority) + hostFields
        case .userID: Self.texts(userID)
        case .language: Self.texts(language)
        case .format: Self.texts(format)
        case .scheme: Self.texts(scheme)
        case .method: method
        case .pathParameters: Self.texts(of: pathParameters)
        }
    }
}

// MARK: - Comparison

extension KeyInputs {
    /// Whether the inputs may be kept: they are short, and all texts are ASCII.
    var isWorthKeeping: Bool {
        var byteCount = 0
        for input in Compared.allCases {
            guard let texts = texts(of: input), texts.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) else {
                return false
            }
            byteCount += texts.reduce(0) { $0 + $1.utf8.count }
        }
        return byteCount <= Self.maximumByteCount
    }

    private static func texts(_ texts: String?...) -> [String] { texts.compactMap(\.self) }

    private static func texts(of parameters: PathParameters) -> [String]? {
        var texts = parameters.named.map(\.name)
        for value in parameters.positional + parameters.named.map(\.value) {
            switch value {
            case .string(let text): texts.append(text)
            case .integer, .null, .bool: break
            case .double, .largeInteger, .array, .object: return nil
            }
        }
        return texts
    }

    private static func methodTexts(of exchange: Exchange) -> [String] {
        texts(exchange.request.method.rawValue, exchange.request.extendedConnectProtocol)
    }

    @inline(__always)
    private static func equal(_ left: Route?, _ right: Route) -> Bool {
        guard let left else { return false }
        return equal(left.view, right.view) && equal(left.method, right.method) && equal(left.template, right.template)
    }

    private static func equal(_ left: [String], _ right: [String]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { equal($0, $1) }
    }

    private static func equal(_ left: PathParameters, _ right: PathParameters) -> Bool {
        left.positional.count == right.positional.count && left.named.count == right.named.count
            && zip(left.named, right.named).allSatisfy { equal($0.name, $1.name) && $0.value == $1.value }
            && left.positional == right.positional
    }

    @inline(__always)
    private static func equal(_ left: String?, _ right: String?) -> Bool {
        switch (left, right) {
        case (nil, nil): true
        case (let left?, let right?): left.utf8.count == right.utf8.count && left == right
        default: false
        }
    }
}
