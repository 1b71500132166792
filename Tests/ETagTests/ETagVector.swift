import ETag
import Foundation
import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Synchronization

/// One case of `etag.json`: a request with conditions, the tag of the resource before and after, and the response.
struct ETagVector {
    /// The expected or actual response.
    struct Outcome: Equatable, CustomStringConvertible {
        var status: Int
        var etag: String?
        var runsHandler: Bool
        var tagCalls: Int
        var body: String?

        var description: String {
            "\(status), ETag \(etag ?? "none"), handler \(runsHandler ? "run" : "not run"), "
                + "\(tagCalls) tags made, body \(body ?? "none")"
        }
    }

    let fields: [String: Any]

    var name: String { fields["name"] as? String ?? "" }

    /// The response of drf-extensions, or the correct one where that differs.
    var expected: Outcome {
        let expected = fields["expected"] as? [String: Any] ?? [:]
        let ours = fields["ours"] as? [String: Any] ?? [:]
        func value(_ name: String) -> Any? { ours.keys.contains(name) ? ours[name] : expected[name] }
        return Outcome(
            status: value("status") as? Int ?? 0,
            etag: value("etag") as? String,
            runsHandler: value("handler_called") as? Bool ?? false,
            tagCalls: value("etag_calls") as? Int ?? 0,
            body: value("body") as? String
        )
    }

    /// Runs the case with the settings that reproduce drf-extensions, except for its bugs.
    func outcome() async throws -> Outcome {
        let handled = HandlerCounter()
        let calls = HandlerCounter()
        let before = (fields["current_etag"] as? String).flatMap(Self.tag)
        let after = (fields["etag_after"] as? String).flatMap(Self.tag)
        let middleware = ETagMiddleware(
            tag: { _ in
                calls.increment()
                return handled.count == 0 ? before : after
            }, requiring: requirements
        ) {
            $0 = .drf
            $0.rebuildsAfterMethodEvaluation = fields["rebuild"] as? Bool ?? false
        }
        let response = handlerReply
        let handler = Pipeline { middleware }.wrap { _ in
            handled.increment()
            return response
        }
        let reply = try await handler(.testing(method, fields: requestFields))
        let body = try await reply.text()
        return Outcome(
            status: reply.status.code, etag: reply.headerFields[.eTag], runsHandler: handled.count > 0,
            tagCalls: calls.count, body: body.isEmpty ? nil : body
        )
    }

    /// drf-extensions quotes the text of a tag unless it has quotes. An empty text is no tag.
    private static func tag(_ text: String) -> EntityTag? {
        guard !text.isEmpty else { return nil }
        return EntityTag(field: text) ?? EntityTag(field: "\"\(text)\"")
    }

    private var method: HTTPRequest.Method { HTTPRequest.Method(fields["method"] as? String ?? "") ?? .get }

    private var requestFields: HTTPFields {
        var result = HTTPFields()
        for (name, value) in fields["headers"] as? [String: String] ?? [:] {
            result.append(HTTPField(name: HTTPField.Name(name)!, value: value))
        }
        return result
    }

    private var requirements: RequiredPreconditions {
        guard fields["decorator"] as? String == "api_etag" else { return .none }
        guard let map = fields["precondition_map"] as? [String: [String]] else { return .updates }
        return RequiredPreconditions(
            Dictionary(
                uniqueKeysWithValues: map.map { method, names in
                    // Python's servers name fields with underscores.
                    (
                        HTTPRequest.Method(method)!,
                        names.map { HTTPField.Name($0.replacingOccurrences(of: "_", with: "-"))! }
                    )
                }
            )
        )
    }

    private var handlerReply: Reply {
        let handler = fields["handler"] as? [String: Any] ?? [:]
        switch handler["raises"] as? String {
        case "NotFound"?: return Self.raised(.notFound, "Not found.")
        case "PermissionDenied"?:
            return Self.raised(.forbidden, "You do not have permission to perform this action.")
        default: break
        }
        var reply = Reply.testing(
            handler.keys.contains("body") ? "" : "\"ok\"",
            status: HTTPResponse.Status(code: handler["status"] as? Int ?? 200)
        )
        for (name, value) in handler["headers"] as? [String: String] ?? [:] {
            reply.headerFields.append(HTTPField(name: HTTPField.Name(name)!, value: value))
        }
        return reply
    }

    private static func raised(_ status: HTTPResponse.Status, _ detail: String) -> Reply {
        var reply = Reply.testing(#"{"detail":"\#(detail)"}"#, status: status)
        reply.thrownError = StoredError()
        return reply
    }
}
