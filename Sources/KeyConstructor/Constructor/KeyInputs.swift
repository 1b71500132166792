import HTTPPipeline
import HTTPTypes

/// All that the key of a constructor of direct bits is made of: from equal inputs it makes equal keys.
///
/// Texts are equal when their bytes are, which is how they are written into a key. Swift's own comparison takes two spellings of
/// a character for one, but not two of equal length where one of them is ASCII: no ASCII text has another spelling that is not
/// longer. So inputs are kept only where all their texts are ASCII, and Swift's comparison, which is fast, is enough.
struct KeyInputs: Sendable {
    private let view: String
    private let method: String
    private let format: String?
    private let language: String?
    private let userID: String?
    private let scheme: String?
    private let authority: String?
    /// The Host fields; read only of a request without authority.
    private let hostFields: [String]
    private let target: String?
    private let pathParameters: PathParameters

    /// More than the texts of almost every request have together. What has more is not worth its memory.
    private static let maximumByteCount = 1024

    init(_ exchange: Exchange) {
        view = exchange.route.view
        method = exchange.route.method
        format = exchange.format
        language = exchange.language
        userID = exchange.userID
        let request = exchange.request
        scheme = request.scheme
        authority = request.authority
        hostFields = authority == nil ? RequestHost.fields(of: request) : []
        target = request.path
        pathParameters = exchange.pathParameters
    }

    /// Whether the inputs may be kept: they are short, and all texts are ASCII.
    var isWorthKeeping: Bool {
        var texts = [format, language, userID, scheme, authority, target, view, method].compactMap(\.self)
        texts += hostFields
        texts += pathParameters.named.map(\.name)
        for value in pathParameters.positional + pathParameters.named.map(\.value) {
            switch value {
            case .string(let text): texts.append(text)
            case .integer, .null, .bool: break
            case .double, .largeInteger, .array, .object: return false
            }
        }
        return texts.reduce(0) { $0 + $1.utf8.count } <= Self.maximumByteCount
            && texts.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
    }

    /// Whether an exchange has the same inputs.
    ///
    /// - Parameters:
    ///   - exchange: The exchange, of which nothing is copied.
    ///   - target: Its target.
    /// - Returns: Whether all texts are the same, byte by byte.
    func equal(_ exchange: Exchange, target: String?) -> Bool {
        Self.equal(self.target, target) && Self.equal(view, exchange.route.view)
            && Self.equal(method, exchange.route.method) && Self.equal(authority, exchange.request.authority)
            && Self.equal(userID, exchange.userID) && Self.equal(language, exchange.language)
            && Self.equal(format, exchange.format) && Self.equal(scheme, exchange.request.scheme)
            && (authority != nil || Self.equal(hostFields, RequestHost.fields(of: exchange.request)))
            // Most often there are none, and then nothing is copied to see that.
            && (pathParameters.isEmpty
                ? !exchange.hasPathParameters : Self.equal(pathParameters, exchange.pathParameters))
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
        case (let left?, let right?): equal(left, right)
        default: false
        }
    }

    @inline(__always)
    private static func equal(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left == right
    }
}
