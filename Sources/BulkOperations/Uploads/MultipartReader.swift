package import NIOCore

/// Reads the parts of a `multipart/form-data` body (RFC 7578, RFC 2046) as its bytes arrive.
///
/// It holds the header fields of one part at most. Each byte is compared with the boundary once: a carriage return, with which the
/// delimiter begins, is nowhere else in it, so a failed comparison never has to go back.
package struct MultipartReader: Sendable {
    /// What was read.
    package enum Event: Sendable, Hashable {
        /// The header fields of a part. The file name is what the client says: it must not be used as a path.
        case part(name: String, fileName: String?, contentType: String?)
        /// Bytes of the content of the current part.
        case bytes(ByteBuffer)
        /// The end of the current part.
        case end
    }

    /// The limits of a body.
    package struct Limits: Sendable, Hashable {
        /// The maximum size of the header fields of a part, in bytes.
        package var headerByteCount = 16 << 10
        /// The maximum number of bytes before the first part.
        package var preambleByteCount = 64 << 10
        /// The maximum number of parts.
        package var partCount = 100

        /// Creates the default limits.
        package init() {}
    }

    private enum State {
        case preamble
        case content
        /// After a delimiter.
        case delimiter
        /// After the first hyphen that ends the body.
        case hyphen
        /// In blanks after a delimiter.
        case padding
        /// After the carriage return of the line of a delimiter.
        case lineEnd
        case header
        case epilogue
    }

    private let limits: Limits
    private let delimiter: [UInt8]

    private var state = State.preamble
    /// The number of bytes of the delimiter that the last bytes were. The first one needs no line end before it.
    private var matched = 2
    /// The number of bytes of the preamble, of padding, or of the header fields so far.
    private var count = 0
    private var header: [UInt8] = []
    private var partCount = 0
    private var offset = 0
    private var error: MultipartError?

    /// Creates a reader of one body.
    ///
    /// - Parameters:
    ///   - boundary: The boundary of the Content-Type, without quotes.
    ///   - limits: The limits of the body.
    /// - Throws: ``MultipartError`` for a boundary that RFC 2046 section 5.1.1 does not allow.
    package init(boundary: String, limits: Limits = Limits()) throws(MultipartError) {
        guard 1...70 ~= boundary.utf8.count, boundary.utf8.last != 0x20, boundary.utf8.allSatisfy(Self.isAllowed) else {
            throw MultipartError("The boundary must have 1 to 70 letters, digits or characters of '()+_,-./:=?", at: 0)
        }
        self.limits = limits
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), 0x20: true
        default: "'()+_,-./:=?".utf8.contains(byte)
        }
    }

    /// Reads the next bytes of the body.
    ///
    /// - Parameter bytes: The bytes. The index of their reader does not move.
    /// - Returns: What was read. Bytes are slices of the given buffer.
    /// - Throws: ``MultipartError``, also in every later call.
    /// - Complexity: O(number of bytes).
    package mutating func read(_ bytes: ByteBuffer) throws(MultipartError) -> [Event] {
        if let error { throw error }
        var events: [Event] = []
        error = bytes.withUnsafeReadableBytes { window in
            do throws(MultipartError) {
                var index = 0
                while index < window.count {
                    switch state {
                    case .preamble, .content: try readContent(window, &index, bytes, &events)
                    case .epilogue: index = window.count
                    default:
                        try readByte(window[index], index, &events)
                        index &+= 1
                    }
                }
                offset += window.count
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
        return events
    }

    /// Ends the body.
    ///
    /// - Throws: ``MultipartError`` if the delimiter that ends the body is missing, and like ``read(_:)``.
    package func finish() throws(MultipartError) {
        if let error { throw error }
        guard case .epilogue = state else {
            throw MultipartError("The body ends before its last boundary", at: offset)
        }
    }
}

extension MultipartReader {
    /// Reads the preamble or the content of a part up to the end of the next delimiter.
    private mutating func readContent(
        _ window: UnsafeRawBufferPointer, _ index: inout Int, _ bytes: ByteBuffer, _ events: inout [Event]
    ) throws(MultipartError) {
        let isPreamble = if case .preamble = state { true } else { false }
        let start = index
        // The matched bytes of earlier buffers, which are content unless the rest of the delimiter follows.
        var earlier = delimiter[..<matched]
        func emit(upTo end: Int) {
            guard !isPreamble, end > start else { return }
            guard let content = bytes.getSlice(at: bytes.readerIndex + start, length: end - start) else { return }
            events.append(.bytes(content))
        }
        while index < window.count {
            if window[index] == delimiter[matched] {
                matched &+= 1
                index &+= 1
                guard matched == delimiter.count else { continue }
                emit(upTo: index - delimiter.count)
                if isPreamble { try checkPreamble(index - start) } else { events.append(.end) }
                (state, matched, count) = (.delimiter, 0, 0)
                return
            }
            if matched == 0 {
                index &+= 1
                while index < window.count, window[index] != 0x0D { index &+= 1 }
            } else {
                // The byte may be the first one of the delimiter.
                matched = 0
                if !isPreamble, !earlier.isEmpty { events.append(.bytes(ByteBuffer(bytes: earlier))) }
                earlier = []
            }
        }
        emit(upTo: index - matched)
        guard isPreamble else { return }
        try checkPreamble(index - start)
        count += index - start
    }

    private func checkPreamble(_ length: Int) throws(MultipartError) {
        let limit = limits.preambleByteCount
        guard count + length > limit + delimiter.count else { return }
        throw MultipartError(
            "More than \(limit) bytes before the first part", at: limit, limit: UploadLimit(limit, "bytes"))
    }

    /// Reads a byte of the line of a delimiter, or of header fields.
    private mutating func readByte(_ byte: UInt8, _ index: Int, _ events: inout [Event]) throws(MultipartError) {
        switch (state, byte) {
        case (.delimiter, UInt8(ascii: "-")): state = .hyphen
        case (.hyphen, UInt8(ascii: "-")): state = .epilogue
        case (.delimiter, 0x20), (.delimiter, 0x09), (.padding, 0x20), (.padding, 0x09):
            state = .padding
            try countHeaderByte(index)
        case (.delimiter, 0x0D), (.padding, 0x0D): state = .lineEnd
        case (.lineEnd, 0x0A):
            partCount += 1
            guard partCount <= limits.partCount else {
                throw failure("More than \(limits.partCount) parts", index, UploadLimit(limits.partCount, "parts"))
            }
            (state, count) = (.header, 0)
        case (.header, _):
            try countHeaderByte(index)
            header.append(byte)
            guard byte == 0x0A, header.count == 2 || header.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] else { return }
            guard let part = MultipartHeader(header) else {
                throw failure("The part has no valid Content-Disposition: form-data with a name", index)
            }
            events.append(.part(name: part.name, fileName: part.fileName, contentType: part.contentType))
            header = []
            (state, matched, count) = (.content, 0, 0)
        default: throw failure("Unexpected bytes after a boundary", index)
        }
    }

    private mutating func countHeaderByte(_ index: Int) throws(MultipartError) {
        count += 1
        guard count > limits.headerByteCount else { return }
        throw failure(
            "The part has more than \(limits.headerByteCount) bytes of header fields", index,
            UploadLimit(limits.headerByteCount, "bytes"))
    }

    private func failure(_ message: String, _ index: Int, _ limit: UploadLimit? = nil) -> MultipartError {
        MultipartError(message, at: offset + index, limit: limit)
    }
}
