import HTTPPipeline
import HTTPTypes

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// All that the key of a constructor of direct bits is made of: from equal inputs it makes equal keys.
///
/// Texts are compared byte by byte, as they are written into a key: Swift's own comparison takes two spellings of a character
/// for one.
struct KeyInputs: Sendable {
    private let view: String
    private let method: String
    private let format: String?
    private let language: String?
    private let userID: String?
    private let authority: String?
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
        authority = request.authority
        target = request.path
        pathParameters = exchange.pathParameters
    }

    /// Whether the inputs are short enough to be kept.
    var isWorthKeeping: Bool {
        var byteCount = [format, language, userID, authority, target, view, method].reduce(0) {
            $0 + ($1?.utf8.count ?? 0)
        }
        for value in pathParameters.positional + pathParameters.named.map(\.value) {
            switch value {
            case .string(let text): byteCount += text.utf8.count
            case .integer, .null, .bool: byteCount += 8
            case .double, .largeInteger, .array, .object: return false
            }
        }
        return byteCount <= Self.maximumByteCount
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
            && Self.equal(format, exchange.format) && Self.equal(pathParameters, exchange.pathParameters)
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
        let equal = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in
                guard left.count == right.count else { return false }
                guard let left = left.baseAddress, let base = right.baseAddress else { return true }
                return memcmp(left, base, right.count) == 0
            }
        }
        return (equal ?? nil) ?? left.utf8.elementsEqual(right.utf8)
    }
}
