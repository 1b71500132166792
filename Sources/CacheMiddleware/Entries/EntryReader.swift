import HTTPPipeline
import HTTPTypes
import NIOCore

/// A decoder of the content of an encoded entry from untrusted bytes.
///
/// Every length and count is compared with the number of remaining bytes before memory is allocated for it. Every part is created
/// by a failable initializer, or compared with the bytes it was decoded from. Encoding the result yields the same bytes, so an
/// entry has exactly one encoding.
struct EntryReader {
    private var bytes: ByteBuffer

    init(_ bytes: ByteBuffer) {
        self.bytes = bytes
    }

    /// Reads all bytes as one entry.
    mutating func readEntry() throws(EntryDecodingError) -> CacheEntry {
        let code = Int(try readInteger(UInt16.self))
        // `Status` traps on more than three digits.
        guard 100...999 ~= code else { throw .malformed }
        let flags = EntryFlags(rawValue: try readInteger(UInt16.self))
        guard flags.isSubset(of: .all) else { throw .malformed }
        let storedAt = try readMoment()
        let freshUntil = flags.contains(.freshUntil) ? try readMoment() : nil
        let expiresAt = flags.contains(.expiresAt) ? try readMoment() : nil
        let computationTime = Duration.nanoseconds(try readInteger(Int64.self))
        let phrase = try readText()
        let status = HTTPResponse.Status(code: code, reasonPhrase: phrase)
        guard status.reasonPhrase.utf8.elementsEqual(phrase.utf8) else { throw .malformed }
        let path = flags.contains(.path) ? try readText() : nil
        let tags = try readTags()
        let fields = try readFields()
        let (body, variants) = try readBodies()
        let entry = CacheEntry(status: status, headerFields: fields, body: body, storedAt: storedAt) {
            $0.freshUntil = freshUntil
            $0.expiresAt = expiresAt
            $0.tags = tags
            $0.path = path
            $0.computationTime = computationTime
            $0.isThrownError = flags.contains(.isThrownError)
        }
        entry.variants.restore(variants)
        return entry
    }

    private mutating func readTags() throws(EntryDecodingError) -> [String] {
        let count = try readCount(ofPartsOf: 1)
        guard count <= EntryLimits.tagCount else { throw .malformed }
        var tags: [String] = []
        tags.reserveCapacity(count)
        for _ in 0..<count { tags.append(try readText()) }
        return tags
    }

    private mutating func readFields() throws(EntryDecodingError) -> HTTPFields {
        // A name has at least one byte.
        let count = try readCount(ofPartsOf: 3)
        guard count <= EntryLimits.fieldCount else { throw .malformed }
        var fields = HTTPFields()
        fields.reserveCapacity(count)
        for _ in 0..<count { fields.append(try readField()) }
        return fields
    }

    private mutating func readField() throws(EntryDecodingError) -> HTTPField {
        let nameLength = try readCompact()
        let name = try withBytes(count: Int(nameLength >> 2)) { bytes in
            // Repaired UTF-8 is not a token, so the initializer rejects it.
            HTTPField.Name(String(decoding: bytes, as: UTF8.self))
        }
        var field = try withBytes(count: Int(try readCompact())) { bytes -> HTTPField? in
            // Lenient, because a handler may pass on such fields. Characters that could end a line are still replaced; such a value
            // is rejected here.
            let field = HTTPField(name: name, lenientValue: bytes)
            return field.withUnsafeBytesOfValue { $0.elementsEqual(bytes) } ? field : nil
        }
        field.indexingStrategy = HTTPField.DynamicTableIndexingStrategy(code: nameLength)
        return field
    }

    /// Reads the remaining bytes: the body and its variants.
    private mutating func readBodies() throws(EntryDecodingError) -> (ByteBuffer, [(name: String, body: ByteBuffer)]) {
        let count = try readCount(ofPartsOf: 2)
        guard count <= EntryLimits.variantCount else { throw .malformed }
        var lengths: [(name: String, length: Int)] = []
        for _ in 0..<count {
            let name = try readText()
            guard !lengths.contains(where: { $0.name.hasBytes(of: name) }) else { throw .malformed }
            lengths.append((name, Int(try readCompact())))
        }
        let bodyLength = Int(try readCompact())
        // Lengths have 32 bits, and there are few of them: the sum cannot overflow.
        guard bodyLength + lengths.reduce(0, { $0 + $1.length }) == bytes.readableBytes else { throw .malformed }
        // A slice keeps the whole buffer in memory. The threshold is that of the memory store, which then does not copy the body
        // again.
        let isSliced = bytes.storageCapacity <= 2 * bodyLength + 1024
        let body = try readBody(bodyLength, isSliced: isSliced)
        var variants: [(name: String, body: ByteBuffer)] = []
        for (name, length) in lengths { variants.append((name, try readBody(length, isSliced: isSliced))) }
        return (body, variants)
    }

    private mutating func readBody(_ length: Int, isSliced: Bool) throws(EntryDecodingError) -> ByteBuffer {
        guard let slice = bytes.readSlice(length: length) else { throw .malformed }
        guard !isSliced else { return slice }
        return length == 0 ? ByteBuffer() : ByteBuffer(bytes: slice.readableBytesView)
    }
}

// The basic types of the format.
extension EntryReader {
    private mutating func readInteger<Number: FixedWidthInteger>(_: Number.Type) throws(EntryDecodingError) -> Number {
        guard let number = bytes.readInteger(endianness: .little, as: Number.self) else { throw .malformed }
        return number
    }

    private mutating func readMoment() throws(EntryDecodingError) -> Timestamp {
        Timestamp(nanoseconds: try readInteger(Int64.self))
    }

    private mutating func readText() throws(EntryDecodingError) -> String {
        try withBytes(count: Int(try readCompact())) { bytes in
            // Invalid UTF-8 would be repaired, and so differ from the bytes.
            let text = String(decoding: bytes, as: UTF8.self)
            return text.utf8.elementsEqual(bytes) ? text : nil
        }
    }

    /// Reads the number of following parts, each of which takes at least the given number of bytes.
    private mutating func readCount(ofPartsOf byteCount: Int) throws(EntryDecodingError) -> Int {
        let count = Int(try readCompact())
        guard count <= bytes.readableBytes / byteCount else { throw .malformed }
        return count
    }

    /// Reads a number of at most 32 bits, seven per byte. Only the shortest encoding of a number is accepted.
    private mutating func readCompact() throws(EntryDecodingError) -> UInt32 {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            let byte = try readInteger(UInt8.self)
            number |= UInt64(byte & 0x7F) << UInt64(shift)
            guard byte < 0x80 else { continue }
            guard let number = UInt32(exactly: number), byte > 0 || shift == 0 else { throw .malformed }
            return number
        }
        throw .malformed
    }

    /// Returns the part that a closure creates from the next bytes. Throws if there are too few bytes or the closure returns nil.
    private mutating func withBytes<Part>(
        count: Int,
        _ make: (UnsafeRawBufferPointer) -> Part?
    ) throws(EntryDecodingError) -> Part {
        guard count <= bytes.readableBytes else { throw .malformed }
        let part = bytes.withUnsafeReadableBytes { make(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        guard let part else { throw .malformed }
        bytes.moveReaderIndex(forwardBy: count)
        return part
    }
}
