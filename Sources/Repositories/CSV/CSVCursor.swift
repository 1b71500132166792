/// Splits the bytes of a CSV text (RFC 4180) into records of cells as they arrive.
///
/// Lines end with LF, CRLF or CR. Cells in quotes may have delimiters, line breaks and doubled quotes. The memory is bounded by the limits:
/// the bytes of a cell above its limit are dropped up to its end. Most bytes are looked at once.
struct CSVCursor {
    /// What a cursor accepts.
    struct Limits {
        /// The maximum number of bytes of a cell.
        var cellByteCount: Int
        /// The number of bytes of a record after which the next cells are dropped.
        var recordByteCount: Int
        /// The maximum number of cells that are kept.
        var cellCount: Int
    }

    private enum State {
        case recordStart, cellStart, unquoted, quoted, afterQuote, restOfLine
    }

    /// The maximum number of bytes that one call of ``readRecord(_:from:)`` may be given.
    static let windowByteCount = 64 << 10

    let delimiter: UInt8
    let limits: Limits
    let rejectsStrayQuotes: Bool

    /// The cells of the record, at most as many as the limit.
    private(set) var cells: [CSVCell] = []
    /// The number of cells of the record.
    private(set) var cellCount = 0
    /// Whether a cell of the record cannot be used.
    private(set) var hasProblem = false
    /// The number of cells without quotes around them that have a quote inside.
    private(set) var strayQuoteCount = 0
    /// The current physical line.
    private(set) var line: Int

    private var text: [UInt8] = []
    private var end = 0
    /// Where the text of the cell begins.
    private var cellStart = 0
    /// The end of the text above which the cell is dropped.
    private var endLimit = 0
    private var state = State.recordStart
    private var cell = CSVCell()
    private var isComplete = false
    /// Positions in the file.
    private var position = 0
    private var lineStart = 0
    private var lastCarriageReturn = -2

    /// Creates a cursor.
    ///
    /// - Parameters:
    ///   - delimiter: The byte between two cells.
    ///   - limits: What is kept.
    ///   - rejectsStrayQuotes: Whether a quote inside a cell that does not begin with one is a problem.
    ///   - line: The physical line of the first byte.
    ///   - followsCarriageReturn: Whether the byte before the first one is a carriage return.
    init(
        delimiter: UInt8, limits: Limits, rejectsStrayQuotes: Bool = false, line: Int = 1,
        followsCarriageReturn: Bool = false
    ) {
        if followsCarriageReturn { lastCarriageReturn = -1 }
        self.delimiter = delimiter
        self.limits = limits
        endLimit = min(limits.cellByteCount, limits.recordByteCount)
        self.rejectsStrayQuotes = rejectsStrayQuotes
        self.line = line
    }

    /// Whether the bytes so far end with a record or an empty line.
    var isBetweenRecords: Bool { state == .recordStart }

    /// Whether a quote of a cell is open.
    var isInQuotes: Bool { state == .quoted }

    /// The physical line of the cell whose quote is never closed, or nil.
    var unprocessedLine: Int? {
        cells.last.flatMap { $0.problem == .unterminatedQuote ? $0.line : nil }
    }

    /// The number of bytes of the record's text.
    var textByteCount: Int { end }

    /// Calls a closure with the text of the record, in which the cells follow each other.
    @inline(__always)
    func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        text.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    }

    /// Consumes bytes up to the end of a record.
    ///
    /// - Parameters:
    ///   - bytes: At most ``windowByteCount`` bytes.
    ///   - index: The index of the first byte to consume, then that of the first byte after the record.
    /// - Returns: Whether a record is complete. Otherwise all bytes are consumed, and the record goes on in the next ones.
    mutating func readRecord(_ bytes: UnsafeRawBufferPointer, from index: inout Int) -> Bool {
        if isComplete { startRecord() }
        // Eight more because words are copied before their bytes are examined.
        let capacity = end + bytes.count - index + 8
        if text.count < capacity { text.append(contentsOf: repeatElement(0, count: max(capacity, 4096) - text.count)) }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            let offset = position &+ (index &- start)
            switch state {
            case .recordStart:
                if byte == 0x0A || byte == 0x0D {
                    // The line feed of a CRLF, or an empty line.
                    endLine(byte, at: offset)
                    index &+= 1
                } else {
                    state = .cellStart
                }
            case .cellStart:
                if byte == UInt8(ascii: "\"") {
                    startCell(at: offset)
                    cell.isQuoted = true
                    state = .quoted
                    index &+= 1
                } else {
                    readPlainCells(bytes, &index, from: start)
                }
            case .unquoted:
                copyUnquoted(bytes, &index)
                guard index < bytes.count else { break }
                let offset = position &+ (index &- start)
                let byte = bytes[index]
                index &+= 1
                if byte == UInt8(ascii: "\"") {
                    noteStrayQuote()
                } else if endCell(byte, at: offset) {
                    position = offset &+ 1
                    return true
                }
            case .quoted:
                copyQuoted(bytes, &index)
                guard index < bytes.count else { break }
                let offset = position &+ (index &- start)
                let byte = bytes[index]
                index &+= 1
                if byte == UInt8(ascii: "\"") {
                    state = .afterQuote
                } else {
                    append(byte)
                    endLine(byte, at: offset)
                }
            case .afterQuote:
                if byte == UInt8(ascii: "\"") {
                    append(byte)
                    state = .quoted
                } else if byte == delimiter || byte == 0x0A || byte == 0x0D {
                    if endCell(byte, at: offset) {
                        index &+= 1
                        position = offset &+ 1
                        return true
                    }
                } else {
                    append(UInt8(ascii: "\""))
                    append(byte)
                    cell.problem = .textAfterQuote
                    state = .restOfLine
                }
                index &+= 1
            case .restOfLine:
                index &+= 1
                if byte != 0x0A && byte != 0x0D {
                    append(byte)
                } else if endCell(byte, at: offset) {
                    position = offset &+ 1
                    return true
                }
            }
        }
        position &+= index &- start
        return false
    }

    /// Ends the text.
    ///
    /// - Returns: Whether there is a last record, which has no line break.
    mutating func finish() -> Bool {
        if isComplete { startRecord() }
        if state == .recordStart { return false }
        if state == .cellStart { startCell(at: position) }
        if state == .quoted { cell.problem = .unterminatedQuote }
        _ = endCell(0x0A, at: position)
        return true
    }

    private mutating func startRecord() {
        isComplete = false
        hasProblem = false
        cells.removeAll(keepingCapacity: true)
        cellCount = 0
        end = 0
        startText(at: 0)
        state = .recordStart
    }
}

// MARK: - Bytes

extension CSVCursor {
    /// Copies the bytes before the next delimiter, line break or quote.
    @inline(__always)
    private mutating func copyUnquoted(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) {
        let patterns = (
            ByteSearch.pattern(delimiter), ByteSearch.pattern(0x0A), ByteSearch.pattern(0x0D),
            ByteSearch.pattern(UInt8(ascii: "\""))
        )
        copy(bytes, &index) {
            ByteSearch.mask($0, patterns.0) | ByteSearch.mask($0, patterns.1) | ByteSearch.mask($0, patterns.2)
                | ByteSearch.mask($0, patterns.3)
        }
    }

    /// Reads cells without quotes that end with a delimiter, and the beginning of the next one.
    ///
    /// It is the loop for almost all bytes of most files: it keeps its variables in registers.
    @inline(__always)
    private mutating func readPlainCells(
        _ bytes: UnsafeRawBufferPointer, _ index: inout Int, from start: Int
    ) {
        let patterns = (
            ByteSearch.pattern(delimiter), ByteSearch.pattern(0x0A), ByteSearch.pattern(0x0D),
            ByteSearch.pattern(UInt8(ascii: "\""))
        )
        let firstColumn = position &- start &- lineStart &+ 1
        var (text, cells): ([UInt8], [CSVCell]) = ([], [])
        swap(&text, &self.text)
        swap(&cells, &self.cells)
        var source = index
        var target = end
        text.withUnsafeMutableBytes { text in
            while source < bytes.count, bytes[source] != UInt8(ascii: "\"") {
                let cellStart = source
                var found: UInt64 = 0
                while found == 0, bytes.count &- source >= 8 {
                    let word = bytes.loadUnaligned(fromByteOffset: source, as: UInt64.self)
                    text.storeBytes(of: word, toByteOffset: target, as: UInt64.self)
                    let little = UInt64(littleEndian: word)
                    found =
                        ByteSearch.mask(little, patterns.0) | ByteSearch.mask(little, patterns.1)
                        | ByteSearch.mask(little, patterns.2) | ByteSearch.mask(little, patterns.3)
                    let count = found == 0 ? 8 : ByteSearch.firstIndex(found)
                    source &+= count
                    target &+= count
                }
                guard found != 0, bytes[source] == delimiter, target <= endLimit, cells.count < limits.cellCount else {
                    cell.line = line
                    cell.column = firstColumn &+ cellStart
                    state = .unquoted
                    break
                }
                cells.append(CSVCell(end: target, line: line, column: firstColumn &+ cellStart))
                cellCount &+= 1
                startText(at: target)
                source &+= 1
            }
        }
        swap(&text, &self.text)
        swap(&cells, &self.cells)
        index = source
        end = target
        dropIfTooLong()
    }

    /// Copies the bytes before the next quote or line break.
    @inline(__always)
    private mutating func copyQuoted(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) {
        let patterns = (
            ByteSearch.pattern(UInt8(ascii: "\"")), ByteSearch.pattern(0x0A), ByteSearch.pattern(0x0D)
        )
        copy(bytes, &index) {
            ByteSearch.mask($0, patterns.0) | ByteSearch.mask($0, patterns.1) | ByteSearch.mask($0, patterns.2)
        }
    }

    /// Copies the bytes before the first one that a mask has, eight at a time.
    @inline(__always)
    private mutating func copy(
        _ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ mask: (UInt64) -> UInt64
    ) {
        var source = index
        var target = end
        text.withUnsafeMutableBytes { text in
            while bytes.count &- source >= 8 {
                let word = bytes.loadUnaligned(fromByteOffset: source, as: UInt64.self)
                text.storeBytes(of: word, toByteOffset: target, as: UInt64.self)
                let found = mask(UInt64(littleEndian: word))
                if found != 0 {
                    let count = ByteSearch.firstIndex(found)
                    source &+= count
                    target &+= count
                    return
                }
                source &+= 8
                target &+= 8
            }
            while source < bytes.count {
                let byte = bytes[source]
                if mask(UInt64(byte)) & 0xFF != 0 { return }
                text[target] = byte
                source &+= 1
                target &+= 1
            }
        }
        index = source
        end = target
        dropIfTooLong()
    }

    private mutating func append(_ byte: UInt8) {
        text[end] = byte
        end &+= 1
        dropIfTooLong()
    }

    @inline(__always)
    private mutating func dropIfTooLong() {
        guard end > endLimit else { return }
        if cell.problem == nil { cell.problem = .tooLong }
        end = cellStart
        // The rest of the cell is dropped too.
        endLimit = cellStart
    }

    /// Begins the text of a cell.
    @inline(__always)
    private mutating func startText(at start: Int) {
        cellStart = start
        let (limit, isUnlimited) = start.addingReportingOverflow(limits.cellByteCount)
        endLimit = max(start, min(isUnlimited ? .max : limit, limits.recordByteCount))
    }

    /// Begins a cell at a position in the file.
    @inline(__always)
    private mutating func startCell(at offset: Int) {
        cell.line = line
        cell.column = offset &- lineStart &+ 1
    }

    private mutating func noteStrayQuote() {
        append(UInt8(ascii: "\""))
        if !cell.hasStrayQuote { strayQuoteCount &+= 1 }
        cell.hasStrayQuote = true
        if rejectsStrayQuotes, cell.problem == nil { cell.problem = .strayQuote }
    }

    /// Ends the cell before a delimiter or a line break.
    ///
    /// - Returns: Whether the record ends too.
    @inline(__always)
    private mutating func endCell(_ byte: UInt8, at offset: Int) -> Bool {
        cell.end = end
        if cell.problem != nil { hasProblem = true }
        if cells.count < limits.cellCount {
            cells.append(cell)
        } else {
            end = cellStart
        }
        startText(at: end)
        cellCount &+= 1
        cell = CSVCell()
        if byte == delimiter {
            state = .cellStart
            return false
        }
        endLine(byte, at: offset)
        isComplete = true
        state = .recordStart
        return true
    }

    /// Counts the line that a line feed or a carriage return ends.
    @inline(__always)
    private mutating func endLine(_ byte: UInt8, at offset: Int) {
        let endsCRLF = byte == 0x0A && offset == lastCarriageReturn &+ 1
        if byte == 0x0D { lastCarriageReturn = offset }
        if !endsCRLF { line &+= 1 }
        lineStart = offset &+ 1
    }
}
