import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// Decides which requests may be answered from a store, and which answers may be stored.
struct StoragePolicy: Sendable {
    let separates: RequestSeparation
    let sharing: Sharing
    let cachesErrors: Bool

    /// Why the cache must not be used for a request, or nil when it may.
    ///
    /// Credentials make an answer personal in ways that nothing else of the request shows. A key separates users only
    /// when the application has named the user: otherwise everybody with a token is anonymous.
    func bypass(_ exchange: Exchange) -> CacheStatus.Reason? {
        guard sharing == .guarded else { return nil }
        let fields = exchange.request.headerFields
        for name in [HTTPField.Name.authorization, .cookie] where fields.contains(name) {
            guard covers(name, of: exchange) else { return .credentials }
        }
        return nil
    }

    /// Why a reply must not be stored, or nil when it may.
    func rejection(of reply: Reply, to exchange: Exchange) -> CacheStatus.Reason? {
        let status = reply.status
        if reply.thrownError != nil || status.code >= 400 {
            guard cachesErrors else { return .error }
        } else if status.code < 200 || status == .partialContent || status == .notModified {
            // These answer one request's Range or conditions and are not the resource.
            return .status
        }
        guard sharing == .guarded else { return nil }
        if reply.headerFields.contains(.setCookie) { return .setCookie }
        let cacheControl = CacheControl(reply.headerFields)
        if cacheControl.contains("no-store") { return .noStore }
        if cacheControl.contains("private") { return .private }
        // Without validation a stored answer could never be used.
        if cacheControl.contains("no-cache") { return .noCache }
        return coversVary(of: reply, to: exchange) ? nil : .vary
    }

    private func coversVary(of reply: Reply, to exchange: Exchange) -> Bool {
        guard let vary = reply.headerFields[.vary] else { return true }
        return vary.split(separator: ",").allSatisfy { member in
            let text = String(member.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" })
            guard !text.isEmpty else { return true }
            guard text != "*", let name = HTTPField.Name(text) else { return false }
            return covers(name, of: exchange)
        }
    }

    private func covers(_ name: HTTPField.Name, of exchange: Exchange) -> Bool {
        switch name {
        case .authorization, .cookie:
            (separates.user && exchange.userID != nil) || separates.separates(name)
        // A format or language that was not negotiated leaves nothing in the key.
        case .accept:
            separates.separates(name) && (exchange.format != nil || separates.allFields)
        case .acceptLanguage:
            separates.separates(name) && (exchange.language != nil || separates.allFields)
        default:
            separates.separates(name)
        }
    }
}
