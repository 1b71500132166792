import HTTPPipeline
import HTTPTypes
import NIOCore

/// Reads the content of an encoded entry, whatever the bytes are.
///
/// Nothing is believed: each length and count is compared with what is left before anything is allocated for it, and each part
/// is made by an initializer that can fail, or compared with what was read. What is read is written as the same bytes again, so
/// two spellings of one entry do not exist.
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
        let entry = CacheEntry(
            status: status,
            headerFields: fields,
            body: body,
            storedAt: storedAt,
            freshUntil: freshUntil,
            expiresAt: expiresAt,
            tags: tags,
            path: path,
            computationTime: computationTime,
            isThrownError: flags.contains(.isThrownError)
        )
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
            // What is repaired here is no token, which is all that a name may be.
            HTTPField.Name(String(decoding: bytes, as: UTF8.self))
        }
        var field = try withBytes(count: Int(try readCompact())) { bytes -> HTTPField? in
            // Lenient, because fields that a handler passes on are; what could end a line is still replaced, and so refused here.
            let field = HTTPField(name: name, lenientValue: bytes)
            return field.withUnsafeBytesOfValue { $0.elementsEqual(bytes) } ? field : nil
        }
        field.indexingStrategy = HTTPField.DynamicTableIndexingStrategy(code: nameLength)
        return field
    }

    /// Reads what is left: the body and its other encodings.
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
        // A slice keeps all of the memory that it was cut from. The same measure as the memory store's, which then need not
        // copy the body once more.
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

// What the parts are made of.
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
            // What is repaired is not what was read.
            let text = String(decoding: bytes, as: UTF8.self)
            return text.utf8.elementsEqual(bytes) ? text : nil
        }
    }

    /// Reads how many parts follow, of which each takes at least as many bytes as said.
    private mutating func readCount(ofPartsOf byteCount: Int) throws(EntryDecodingError) -> Int {
        let count = Int(try readCompact())
        guard count <= bytes.readableBytes / byteCount else { throw .malformed }
        return count
    }

    /// Reads a number of at most 32 bits, seven of them a byte. It has one spelling only: the shortest.
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

    /// Makes something of the next bytes, or fails when there are fewer, or nothing can be made of them.
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
