public import HTTPPipeline

/// Writes the canonical JSON of a key and digests it at the same time.
///
/// The text is what Python's `json.dumps(data, sort_keys=True)` writes, byte for byte: `", "` and `": "` as
/// separators, names in code-point order, everything outside U+0020..U+007E escaped. It goes straight into the digest
/// through a piece of the stack; nothing is allocated, and the whole text exists only in
/// ``KeyConstructor/explanation(for:)``.
///
/// A writer can be sent, although it has a pointer: it cannot be copied and is the only one that reaches its buffer and what it
/// keeps of the text while it lives, so there is one place at a time where it is used.
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
    // Sendable because a writer cannot be copied, and nothing else uses the memory that it was lent while it lives.
    private let buffer: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private var count = 0
    private var state = MD5State()
    /// How many bytes have left the buffer.
    private var digested: UInt64 = 0
    /// What has left the buffer, when someone wants to read it. A key has nobody who does, and is not to pay for it.
    private let transcript: Transcript?
    /// Whether a value stands directly before this point, so that the next one needs a separator.
    private var followsValue = false

    /// The size of the memory that a writer is given. Almost every key's text fits.
    static let scratchSize = 1024
    /// What is kept free for the padding at the end of the digest.
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

    /// Where view and method stand in the text that is kept.
    var methods: [Range<Int>] { transcript?.methods ?? [] }

    /// The key of everything that was written.
    consuming func digest() -> CacheKey {
        if count >= 64 { flush() }
        state.finish(buffer, count: count, length: digested &+ UInt64(truncatingIfNeeded: count))
        return state.digest
    }

    /// Everything that was written, by a writer that keeps it.
    consuming func writtenText() -> String {
        var text = transcript?.text ?? []
        text.append(contentsOf: UnsafeBufferPointer(start: buffer, count: count))
        return String(decoding: text, as: UTF8.self)
    }

    /// The text that `body` writes.
    package static func text(_ body: (inout KeyWriter) -> Void) -> String {
        withUnsafeTemporaryAllocation(byteCount: scratchSize, alignment: 8) { scratch in
            var writer = KeyWriter(scratch: scratch, keepsText: true)
            body(&writer)
            return writer.writtenText()
        }
    }
}

/// What a writer keeps of what it writes.
private final class Transcript {
    var text: [UInt8] = []
    /// Where view and method stand in it.
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

    /// Writes a string that is given as its UTF-8.
    mutating func write(utf8: UnsafeBufferPointer<UInt8>) {
        beginString()
        appendEscaped(utf8: utf8)
        endString()
    }

    /// Writes a string made of parts, without joining them first.
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

// MARK: - Containers

extension KeyWriter {
    /// Begins a string that is written in parts with ``appendEscaped(_:)``.
    @inline(__always)
    mutating func beginString() {
        beginValue()
        append(UInt8(ascii: "\""))
    }

    /// Ends a string that was begun with ``beginString()``.
    @inline(__always)
    mutating func endString() {
        append(UInt8(ascii: "\""))
    }

    /// Begins an array; the values written until ``endArray()`` are its elements.
    public mutating func beginArray() {
        beginValue()
        append(UInt8(ascii: "["))
        followsValue = false
    }

    /// Ends an array.
    public mutating func endArray() {
        append(UInt8(ascii: "]"))
        followsValue = true
    }

    /// Begins an object; until ``endObject()`` each ``name(_:)`` is followed by its value.
    public mutating func beginObject() {
        beginValue()
        append(UInt8(ascii: "{"))
        followsValue = false
    }

    /// Ends an object.
    public mutating func endObject() {
        append(UInt8(ascii: "}"))
        followsValue = true
    }

    /// Writes the name of an object's next member.
    ///
    /// Names must come in code-point order and once each, or equal data does not give equal keys.
    public mutating func name(_ name: String) {
        if followsValue { append(", ") }
        append(UInt8(ascii: "\""))
        appendEscaped(name)
        append("\": ")
        followsValue = false
    }

    /// Writes bytes that were made beforehand and end with a name and its colon; a value follows.
    @inline(__always)
    mutating func prefix(_ bytes: UnsafeRawBufferPointer) {
        append(bytes)
        followsValue = false
    }

    /// Writes a name that was quoted and escaped beforehand, with its colon.
    mutating func name(encoded name: [UInt8]) {
        if followsValue { append(", ") }
        name.withUnsafeBytes { append($0) }
        followsValue = false
    }

    /// A name as ``name(encoded:)`` takes it.
    static func encodedName(_ name: String) -> [UInt8] {
        Array(text { $0.name(name) }.utf8)
    }

    @inline(__always)
    private mutating func beginValue() {
        if followsValue { append(", ") }
        followsValue = true
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

    /// How many bytes ``room(for:)`` can be asked for at most.
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

    /// Digests the whole blocks in the buffer; fewer than 64 bytes stay.
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
