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

    /// Picks a place for the key: the same for equal inputs.
    var hash: Int {
        var hash = target?.utf8.count ?? 0
        let hashed: Void? = target?.utf8.withContiguousStorageIfAvailable { bytes in
            for byte in bytes { hash = hash &* 31 &+ Int(byte) }
        }
        return hashed == nil ? 0 : hash &+ (userID?.utf8.count ?? 0)
    }

    /// Whether the inputs are short enough to be kept.
    var isWorthKeeping: Bool {
        guard pathParameters.isEmpty else { return false }
        let optional = [format, language, userID, authority, target].reduce(0) { $0 + ($1?.utf8.count ?? 0) }
        return optional + view.utf8.count + method.utf8.count <= Self.maximumByteCount
    }

    /// Whether both are the same texts. Inputs with path parameters are not compared, and equal to none.
    func equals(_ other: KeyInputs) -> Bool {
        Self.equal(target, other.target) && Self.equal(view, other.view) && Self.equal(method, other.method)
            && Self.equal(authority, other.authority) && Self.equal(userID, other.userID)
            && Self.equal(language, other.language) && Self.equal(format, other.format)
            && pathParameters.isEmpty && other.pathParameters.isEmpty
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
