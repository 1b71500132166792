extension KeyWriter {
    /// Begins a string that is written in parts with ``appendEscaped(_:)``.
    @inline(__always)
    mutating func beginString() {
        beginValue()
        append(UInt8(ascii: "\""))
    }

    /// Ends a string that ``beginString()`` began.
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

    /// Writes prepared bytes that end with a name and its colon. A value follows.
    @inline(__always)
    mutating func prefix(_ bytes: UnsafeRawBufferPointer) {
        append(bytes)
        followsValue = false
    }

    /// Writes a prepared name: quoted, escaped and followed by a colon.
    mutating func name(encoded name: [UInt8]) {
        if followsValue { append(", ") }
        name.withUnsafeBytes { append($0) }
        followsValue = false
    }

    /// Returns a name in the form that ``name(encoded:)`` expects.
    static func encodedName(_ name: String) -> [UInt8] {
        Array(text { $0.name(name) }.utf8)
    }

    @inline(__always)
    mutating func beginValue() {
        if followsValue { append(", ") }
        followsValue = true
    }
}
