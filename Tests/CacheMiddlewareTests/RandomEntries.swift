import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// Generates the same entries for the same seed on every platform (SplitMix64).
struct RandomEntries: RandomNumberGenerator {
    private static let token = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_!#$%&'*+.^`|~")
    private static let characters = Array("abc XYZ 0123 /?&=% äöü é ß 漢字 🚲 \u{301}")

    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func entry(bodiesUpTo limit: Int = 2000) -> CacheEntry {
        var fields = HTTPFields()
        for _ in 0..<Int.random(in: 0...12, using: &self) { fields.append(field()) }
        let entry = CacheEntry(
            status: .init(code: .random(in: 100...999, using: &self), reasonPhrase: text()), headerFields: fields,
            body: ByteBuffer(bytes: bytes(upTo: limit)), storedAt: moment()
        ) {
            $0.freshUntil = Bool.random(using: &self) ? moment() : nil
            $0.expiresAt = Bool.random(using: &self) ? moment() : nil
            $0.tags = (0..<Int.random(in: 0...5, using: &self)).map { _ in text() }
            $0.path = Bool.random(using: &self) ? text() : nil
            $0.computationTime = .nanoseconds(Int64(bitPattern: next()))
            $0.isThrownError = Bool.random(using: &self)
        }
        for number in 0..<Int.random(in: 0...2, using: &self) {
            entry.variants.insert(ByteBuffer(bytes: bytes(upTo: limit / 4)), named: "variant \(number)")
        }
        return entry
    }

    mutating func key() -> CacheKey { CacheKey(high: next(), low: next()) }

    mutating func bytes(upTo limit: Int) -> [UInt8] {
        (0..<Int.random(in: 0...limit, using: &self)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    private mutating func field() -> HTTPField {
        let count = Int.random(in: 1...20, using: &self)
        let name = String((0..<count).map { _ in Self.token.randomElement(using: &self)! })
        // Any bytes: those that a field cannot contain are replaced here, and all others are restored.
        var field = HTTPField(name: HTTPField.Name(name)!, lenientValue: bytes(upTo: 100))
        field.indexingStrategy = [.automatic, .prefer, .avoid, .disallow].randomElement(using: &self)!
        return field
    }

    private mutating func text() -> String {
        String((0..<Int.random(in: 0...40, using: &self)).map { _ in Self.characters.randomElement(using: &self)! })
    }

    private mutating func moment() -> Timestamp {
        Timestamp(nanoseconds: Int64(bitPattern: next()))
    }
}

/// A seal that accepts any bytes, so that tests can change bytes that a checksum would protect.
struct OpenSeal: EntrySeal {
    var identifier: UInt16 { 0xFFFF }
    func seal(_ content: ByteBuffer, authenticating header: ByteBuffer) -> ByteBuffer { content }
    func open(_ sealed: ByteBuffer, authenticating header: ByteBuffer) -> ByteBuffer { sealed }

    static func sealed(_ content: [UInt8], for key: CacheKey) -> ByteBuffer {
        var buffer = ByteBuffer(bytes: [0xF5, 0x53, 0x52, 0x43, 1, 0, 0xFF, 0xFF])
        buffer.writeInteger(UInt64(content.count), endianness: .little)
        buffer.writeInteger(key.high)
        buffer.writeInteger(key.low)
        buffer.writeBytes(content)
        return buffer
    }
}

/// All content of an entry, including what `==` ignores.
func areSame(_ left: CacheEntry, _ right: CacheEntry) -> Bool {
    left == right && left.status.reasonPhrase == right.status.reasonPhrase
        && left.headerFields.map(\.name.rawName) == right.headerFields.map(\.name.rawName)
        && Array(left.headerFields) == Array(right.headerFields)
        && left.variants.kept.map(\.name) == right.variants.kept.map(\.name)
        && left.variants.kept.map(\.body) == right.variants.kept.map(\.body)
}
