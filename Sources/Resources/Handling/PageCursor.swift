import Foundation
import Repositories

/// A position in a list: the values of the order in a row, and the direction from there.
struct PageCursor: Codable {
    var values: [RowValue]
    var isBackward: Bool

    /// The maximum length of the text.
    static let maximumByteCount = 16_384

    private enum CodingKeys: String, CodingKey {
        case values = "v"
        case isBackward = "b"
    }

    init(_ values: [RowValue], isBackward: Bool) {
        (self.values, self.isBackward) = (values, isBackward)
    }

    /// Parses the text of a cursor.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumByteCount else { return nil }
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64),
            let cursor = try? JSONDecoder().decode(PageCursor.self, from: data)
        else { return nil }
        self = cursor
    }

    /// The text, in URL-safe base64.
    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = (try? encoder.encode(self)) ?? Data()
        return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
