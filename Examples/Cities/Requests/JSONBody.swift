import Foundation
import HTTPTypes
import NIOCore

/// The body of a request: one JSON object.
struct JSONBody: Sendable {
    /// The members of the object.
    let members: [String: JSONValue]

    /// Parses a body.
    ///
    /// - Throws: ``APIError`` when it is not JSON, with the position, or not an object.
    init(_ buffer: ByteBuffer) throws {
        let data = Data(buffer.readableBytesView)
        do {
            members = try JSONDecoder().decode([String: JSONValue].self, from: data)
        } catch DecodingError.typeMismatch {
            throw APIError(.badRequest, "the body must be a JSON object")
        } catch {
            throw APIError(.badRequest, "the body is not valid JSON\(Self.position(ofErrorIn: data))")
        }
    }

    /// The position of the syntax error as a suffix of the message, from `JSONSerialization`: `JSONDecoder` does not report it.
    private static func position(ofErrorIn data: Data) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: data)
            return ""
        } catch {
            guard let text = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String else { return "" }
            return ": \(text)"
        }
    }
}
