public import HTTPPipeline

/// Writes the canonical JSON of a key and digests it in one pass.
///
/// The text equals the output of Python's `json.dumps(data, sort_keys=True)` byte for byte: separators `", "` and `": "`,
/// names in code-point order, and escapes for everything outside U+0020..U+007E. The writer digests it through a small stack
/// buffer without allocation. Only ``KeyConstructor/explanation(for:)`` keeps the whole text.
///
/// A writer is `Sendable` although it contains a pointer: it is noncopyable and has exclusive access to its buffer and its
/// kept text, so only one task uses them at a time.
///
/// A ``KeyBit`` writes exactly one value: a scalar, or a container with its content.
///
/// ```swift
/// writer.beginObject()
/// writer.name("x-geoip-city")
/// writer.write("Zürich")
/// writer.endObject()
/// ```
public struct KeyWriter: ~Copyable, @unchecked Sendable {
    // Sendable because a writer is noncopyable and has exclusive access to its memory during its lifetime.
    private let buffer: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private var count = 0
    private var state = MD5State()
    /// The number of bytes that were moved from the buffer to the digest.
    private var digested: UInt64 = 0
    /// The text that was moved from the buffer, or nil for a writer that only digests.
    private let transcript: Transcript?
    /// Whether the next value needs a separator.
    var followsValue = false

    /// The size of a writer's memory. The text of almost every key fits.
    static let scratchSize = 1024
    /// The size of the reserve for the padding at the end of the digest.
    private static let reserve = 128

    /// Creates a writer.
    ///
    /// - Parameters:
    ///   - scratch: Memory of ``scratchSize`` bytes for the text on its way to the digest. It has to stay valid as long as
    ///     the writer lives.
    ///   - keepsText: Whether the text is kept as well.
    init(scratch: UnsafeMutableRawBufferPointer, keepsText: Bool = false) {
        self.buffer = scratch.baseAddress!.assumingMemoryBound(to: UInt8.self)
        self.capacity = scratch.count - Self.reserve
        self.transcript = keepsText ? Transcript() : nil
    }

    /// The ranges of view and method in the kept text.
    var methods: [Range<Int>] { transcript?.methods ?? [] }

    /// Returns the key of the written text.
    consuming func digest() -> CacheKey {
        if count >= 64 { flush() }
        state.finish(buffer, count: count, length: digested &+ UInt64(truncatingIfNeeded: count))
        return state.digest
    }

    /// Returns the written text of a writer that keeps it.
    consuming func writtenText() -> String {
        var text = transcript?.text ?? []
        text.append(contentsOf: UnsafeBufferPointer(start: buffer, count: count))
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the text that `body` writes.
    package static func text(_ body: (inout KeyWriter) -> Void) -> String {
        withUnsafeTemporaryAllocation(byteCount: scratchSize, alignment: 8) { scratch in
            var writer = KeyWriter(scratch: scratch, keepsText: true)
            body(&writer)
            return writer.writtenText()
        }
    }
}

/// The kept text of a writer.
private final class Transcript {
    var text: [UInt8] = []
    /// The ranges of view and method in the text.
    var methods: [Range<Int>] = []
}

// MARK: - Values

extension KeyWriter {
    /// Writes `null`.
    public mutating func writeNull() {
        beginValue()
        append("null")
    }

    /// Writes `true` or `false`.
    public mutating func write(_ value: Bool) {
        beginValue()
        append(value ? "true" : "false")
    }

    /// Writes an integer in full.
    public mutating func write(_ value: some BinaryInteger) {
        beginValue()
        append(text: String(value))
    }

    /// Writes an integer in full.
    public mutating func write(_ value: LargeInteger) {
        beginValue()
        append(text: value.description)
    }

    /// Writes a floating-point number as Python's `repr` does; NaN and the infinities are written bare, as Python does.
    public mutating func write(_ value: Double) {
        beginValue()
        append(text: pythonDescription(of: value))
    }

    /// Writes a string.
    public mutating func write(_ value: String) {
        beginString()
        appendEscaped(value)
        endString()
    }

    /// Writes a string from its UTF-8.
    package mutating func write(utf8: UnsafeBufferPointer<UInt8>) {
        beginString()
        appendEscaped(utf8: utf8)
        endString()
    }

    /// Writes the concatenation of parts as one string.
    public mutating func write(_ first: String, _ separator: StaticString, _ second: String) {
        beginString()
        appendEscaped(first)
        append(separator)
        appendEscaped(second)
        endString()
    }

    /// Writes a view and its method.
    mutating func write(view: String, method: String) {
        guard let transcript else { return write(view, ".", method) }
        let start = Int(truncatingIfNeeded: digested) &+ count
        write(view, ".", method)
        transcript.methods.append(start..<Int(truncatingIfNeeded: digested) &+ count)
    }

    /// Writes a value of any kind. The members of an object are sorted.
    public mutating func write(_ value: KeyValue) {
        switch value {
        case .null: writeNull()
        case .bool(let value): write(value)
        case .integer(let value): write(value)
        case .largeInteger(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let values):
            beginArray()
            for value in values { write(value) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                name(member.name)
                write(member.value)
            }
            endObject()
        }
    }
}

// MARK: - Bytes

extension KeyWriter {
    /// Makes room for `byteCount` more bytes, which must be at most what ``scratchSize`` leaves, and returns where they go;
    /// ``commit(_:)`` adds them.
    @inline(__always)
    mutating func room(for byteCount: Int) -> UnsafeMutablePointer<UInt8> {
        if count &+ byteCount > capacity { flush() }
        return buffer + count
    }

    /// The maximum number of bytes for ``room(for:)``.
    static var maximumRoom: Int { scratchSize - reserve - 64 }

    @inline(__always)
    mutating func commit(_ byteCount: Int) {
        count &+= byteCount
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        room(for: 1).pointee = byte
        commit(1)
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Self.maximumRoom else { return appendInParts(bytes) }
        guard let source = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(room(for: bytes.count)).copyMemory(from: source, byteCount: bytes.count)
        commit(bytes.count)
    }

    private mutating func appendInParts(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            append(UnsafeRawBufferPointer(rebasing: rest.prefix(Self.maximumRoom)))
            rest = rest.dropFirst(Self.maximumRoom)
        }
    }

    /// Digests the complete blocks in the buffer; fewer than 64 bytes remain.
    private mutating func flush() {
        var position = 0
        while count &- position >= 64 {
            state.compress(buffer + position)
            position &+= 64
        }
        transcript?.text.append(contentsOf: UnsafeBufferPointer(start: buffer, count: position))
        digested &+= UInt64(truncatingIfNeeded: position)
        count &-= position
        if position > 0, count > 0 {
            UnsafeMutableRawPointer(buffer).copyMemory(from: buffer + position, byteCount: count)
        }
    }
}
