import Repositories

/// Finds where the items of a JSON document begin and end, as its bytes arrive.
///
/// It follows nesting, strings and escapes, and nothing else: an item may be invalid. Each byte is read once, and no byte is kept.
struct JSONItemScanner {
    /// A place in the document.
    enum Boundary {
        /// The next byte is the first one of an item.
        case start
        /// The previous byte was the last one of an item.
        case end
    }

    private enum State {
        /// Some bytes of a byte order mark, or none, were read.
        case mark(Int)
        case beforeDocument
        /// Before an item of an array, which may also end if it has none so far.
        case beforeItem(mayEnd: Bool)
        /// Before an item of JSON Lines.
        case beforeLine
        case opening
        case structure
        case string
        case escape
        case scalar
        case afterItem
        case ended
    }

    /// The maximum number of nested arrays and objects, with the array that a piece adds. It is that of ``RowJSONReader``.
    static let maximumDepth = 64

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The current physical line, counted from 1.
    private(set) var line = 1
    /// The number of bytes before the current window.
    private(set) var offset = 0

    private let isLines: Bool
    private var state = State.mark(0)
    private var depth = 0
    /// One bit for each open array or object, the innermost last; it is set for objects.
    private var objects: UInt64 = 0
    private var isInArray = false

    init(isLines: Bool) {
        self.isLines = isLines
    }

    /// Scans up to the next boundary.
    ///
    /// - Parameters:
    ///   - window: The current bytes of the document.
    ///   - index: The position in the window.
    /// - Returns: The boundary, or nil at the end of the window.
    /// - Throws: ``JSONSyntaxError`` for a document without the form, and for nesting that is too deep.
    /// - Complexity: O(number of consumed bytes).
    mutating func scan(
        _ window: UnsafeRawBufferPointer, from index: inout Int
    ) throws(JSONSyntaxError) -> Boundary? {
        while index < window.count {
            let byte = window[index]
            switch state {
            case .string: try scanString(window, &index)
            case .structure: try scanStructure(window, &index)
            case .scalar:
                guard Self.isScalar(byte) else { return endItem() }
                index &+= 1
                continue
            case .escape:
                // A line feed is not consumed here: it ends the line.
                state = .string
                if byte != 0x0A { index &+= 1 }
            case .opening:
                try open(byte, index)
                index &+= 1
            default:
                if try begins(byte, index) {
                    state = .opening
                    return .start
                }
                index &+= 1
            }
            if depth == 0, case .structure = state { return endItem() }
        }
        offset += window.count
        return nil
    }

    /// Ends the document.
    ///
    /// - Returns: `.end` if its last byte belongs to an item, which can be a number or a literal of JSON Lines only.
    /// - Throws: ``JSONSyntaxError`` for a document that is not complete.
    mutating func finish() throws(JSONSyntaxError) -> Boundary? {
        switch state {
        case .ended: return nil
        case .beforeLine, .afterItem, .mark(0):
            if isLines { return nil }
        case .scalar:
            if isLines { return endItem() }
        default: break
        }
        throw error("Unexpected end", 0)
    }

    func error(_ message: String, _ index: Int, isTooLarge: Bool = false) -> JSONSyntaxError {
        JSONSyntaxError(message, at: offset + index, line: line, isTooLarge: isTooLarge)
    }
}

extension JSONItemScanner {
    /// Handles a byte outside of items. Returns whether an item begins with it.
    private mutating func begins(_ byte: UInt8, _ index: Int) throws(JSONSyntaxError) -> Bool {
        if case .mark(let count) = state {
            if byte == Self.byteOrderMark[count] {
                state = count == 2 ? (isLines ? .beforeLine : .beforeDocument) : .mark(count + 1)
                return false
            }
            guard count == 0 else { throw error("Expecting value", index) }
            state = isLines ? .beforeLine : .beforeDocument
        }
        switch byte {
        case 0x0A:
            line += 1
            if isLines { state = .beforeLine }
            return false
        case 0x20, 0x09, 0x0D: return false
        default: break
        }
        switch state {
        case .beforeDocument where byte == UInt8(ascii: "["):
            state = .beforeItem(mayEnd: true)
            isInArray = true
            return false
        case .beforeDocument:
            guard byte == UInt8(ascii: "{") else { throw error("Expecting an array or an object", index) }
            return true
        case .beforeItem(let mayEnd):
            if mayEnd, byte == UInt8(ascii: "]") {
                state = .ended
                return false
            }
            return true
        case .beforeLine: return true
        case .afterItem where !isLines && byte == UInt8(ascii: ","):
            state = .beforeItem(mayEnd: false)
            return false
        case .afterItem where !isLines && byte == UInt8(ascii: "]"):
            state = .ended
            return false
        case .afterItem where !isLines: throw error("Expecting ',' delimiter", index)
        default: throw error("Extra data", index)
        }
    }

    /// Handles the first byte of an item.
    private mutating func open(_ byte: UInt8, _ index: Int) throws(JSONSyntaxError) {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            state = .structure
            try push(byte, index)
        case UInt8(ascii: "\""): state = .string
        case _ where Self.isScalar(byte): state = .scalar
        default: throw error("Expecting value", index)
        }
    }

    private mutating func scanString(_ window: UnsafeRawBufferPointer, _ index: inout Int) throws(JSONSyntaxError) {
        while index < window.count {
            let byte = window[index]
            switch byte {
            case UInt8(ascii: "\""):
                index &+= 1
                state = .structure
                return
            case UInt8(ascii: "\\"):
                index &+= 1
                state = .escape
                return
            case 0x0A: try endLineInItem(index)
            default: break
            }
            index &+= 1
        }
    }

    private mutating func scanStructure(
        _ window: UnsafeRawBufferPointer, _ index: inout Int
    ) throws(JSONSyntaxError) {
        while index < window.count {
            let byte = window[index]
            switch byte {
            case UInt8(ascii: "\""):
                index &+= 1
                state = .string
                return
            case UInt8(ascii: "{"), UInt8(ascii: "["): try push(byte, index)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard (objects & 1 == 1) == (byte == UInt8(ascii: "}")) else {
                    throw error("Expecting ',' delimiter", index)
                }
                objects >>= 1
                depth -= 1
                if depth == 0 {
                    index &+= 1
                    return
                }
            case 0x0A: try endLineInItem(index)
            default: break
            }
            index &+= 1
        }
    }

    private mutating func push(_ byte: UInt8, _ index: Int) throws(JSONSyntaxError) {
        guard depth + 1 < Self.maximumDepth else {
            throw error("The nesting is deeper than \(Self.maximumDepth) levels", index, isTooLarge: true)
        }
        depth += 1
        objects = objects << 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
    }

    private mutating func endLineInItem(_ index: Int) throws(JSONSyntaxError) {
        guard !isLines else { throw error("The item does not end on its line", index) }
        line += 1
    }

    private mutating func endItem() -> Boundary {
        state = isLines || isInArray ? .afterItem : .ended
        return .end
    }

    private static func isScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."): true
        default: false
        }
    }
}
