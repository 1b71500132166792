public import HTTPPipeline

/// Writes the canonical JSON of a key and digests it at the same time.
///
/// The text is what Python's `json.dumps(data, sort_keys=True)` writes, byte for byte: `", "` and `": "` as
/// separators, names in code-point order, everything outside U+0020..U+007E escaped. It goes straight into the digest
/// through a piece of the stack; nothing is allocated, and the whole text exists only in
/// ``KeyConstructor/explanation(for:)``.
///
/// A ``KeyBit`` writes exactly one value: a scalar, or a container with its content.
///
/// ```swift
/// writer.beginObject()
/// writer.name("x-geoip-city")
/// writer.write("Zürich")
/// writer.endObject()
/// ```
public struct KeyWriter: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    private var md5 = MD5()
    /// What was written, when someone wants to read it.
    private var text: [UInt8]?
    /// Whether a value stands directly before this point, so that the next one needs a separator.
    private var followsValue = false

    /// - Parameters:
    ///   - buffer: Memory for the text on its way to the digest. It must stay valid as long as the writer lives.
    ///   - keepsText: Whether the text is kept as well.
    init(buffer: UnsafeMutableRawBufferPointer, keepsText: Bool) {
        self.buffer = buffer
        self.text = keepsText ? [] : nil
    }

    /// Evaluates `body` with a writer on the stack.
    static func digest(_ body: (inout KeyWriter) -> Void) -> CacheKey {
        withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { buffer in
            var writer = KeyWriter(buffer: buffer, keepsText: false)
            body(&writer)
            writer.flush()
            return writer.md5.finalize()
        }
    }

    /// Evaluates `body` with a writer that keeps the text.
    static func text(_ body: (inout KeyWriter) -> Void) -> String {
        withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { buffer in
            var writer = KeyWriter(buffer: buffer, keepsText: true)
            body(&writer)
            writer.flush()
            return String(decoding: writer.text ?? [], as: UTF8.self)
        }
    }
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
        append(String(value))
    }

    /// Writes a floating-point number as Python's `repr` does; NaN and the infinities are written bare, as Python does.
    public mutating func write(_ value: Double) {
        beginValue()
        append(pythonDescription(of: value))
    }

    /// Writes a string.
    public mutating func write(_ value: String) {
        beginValue()
        append(UInt8(ascii: "\""))
        appendEscaped(value)
        append(UInt8(ascii: "\""))
    }

    /// Writes a string made of parts, without joining them first.
    public mutating func write(_ first: String, _ separator: StaticString, _ second: String) {
        beginValue()
        append(UInt8(ascii: "\""))
        appendEscaped(first)
        append(separator)
        appendEscaped(second)
        append(UInt8(ascii: "\""))
    }

    /// Writes a value of any kind. The members of an object are sorted.
    public mutating func write(_ value: KeyValue) {
        switch value {
        case .null: writeNull()
        case .bool(let value): write(value)
        case .integer(let value): write(value)
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

    /// Writes a name that was escaped and quoted beforehand.
    mutating func name(encoded name: [UInt8]) {
        if followsValue { append(", ") }
        name.withUnsafeBytes { append($0) }
        followsValue = false
    }

    /// A name as ``name(encoded:)`` takes it: quoted, escaped and followed by the colon.
    static func encodedName(_ name: String) -> [UInt8] {
        Array(text { $0.name(name) }.utf8)
    }

    private mutating func beginValue() {
        if followsValue { append(", ") }
        followsValue = true
    }
}

// MARK: - Bytes

extension KeyWriter {
    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func append(_ byte: UInt8) {
        if count == buffer.count { flush() }
        buffer[count] = byte
        count += 1
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if count == buffer.count { flush() }
            let taken = min(rest.count, buffer.count - count)
            UnsafeMutableRawBufferPointer(rebasing: buffer[count..<(count + taken)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(taken)))
            count += taken
            rest = rest.dropFirst(taken)
        }
    }

    mutating func flush() {
        let written = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        md5.update(written)
        text?.append(contentsOf: written)
        count = 0
    }
}
