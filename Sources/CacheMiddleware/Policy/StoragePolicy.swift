import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// The policy that decides which requests may use the cache, and which responses may be stored: the part of ``RouteRules`` for
/// ``Sharing``.
struct StoragePolicy: Sendable {
    let separates: RequestSeparation
    let sharing: Sharing
    let cachesErrors: Bool
    let cachesThrownErrors: Bool
    let storesSetCookie: Bool
    /// The statuses that have their own lifetime, including errors.
    let namedStatuses: Set<Int>
    private let credentialFields: Set<HTTPField.Name>
    /// The credential fields that the key does not separate, of those that ``RequestTraits`` covers.
    private let checkedCredentials: RequestTraits.Credentials
    /// All other credential fields that the key does not separate.
    private let otherCheckedFields: [HTTPField.Name]
    private let cookies: CredentialCookies

    init(separates: RequestSeparation, settings: CacheSettings) {
        self.separates = separates
        sharing = settings.sharing
        cachesErrors = settings.cachesErrors
        cachesThrownErrors = settings.cachesThrownErrors
        storesSetCookie = settings.storesSetCookie
        namedStatuses = Set(settings.statusLifetimes.keys)
        credentialFields = settings.credentialFields
        (checkedCredentials, otherCheckedFields) = RequestTraits.Credentials.split(
            credentialFields.filter { !separates.separates($0) })
        cookies = CredentialCookies(settings.credentialCookies, separated: separates.cookies)
    }

    /// Statuses about one request's range, conditions, size, rate or connection instead of the resource; those of RFC 6585 (428,
    /// 429, 431, 511) must not be stored.
    private static let neverStored: Set<Int> = [206, 304, 408, 412, 416, 417, 425, 428, 429, 431, 511]

    /// Returns the reason why a request must bypass the cache, or nil when it may use it.
    ///
    /// Credentials make a response personal in ways that no other part of the request shows. A key separates users only when the
    /// application has named the user: otherwise every holder of a token is anonymous. A user that the application has named by
    /// other means than these fields must be in the key as well.
    func bypass(_ exchange: Exchange, _ traits: RequestTraits) -> RefusalReason? {
        if !separates.body, exchange.hasBody(traits) { return .body }
        guard sharing != .public else { return nil }
        let isSeparated = separates.user && Self.isNamed(exchange.userID)
        if !isSeparated {
            guard !hasCredentials(exchange.request.headerFields, traits) else { return .credentials }
            guard exchange.userID == nil else { return .credentials }
            if sharing == .perUser { return .noUser }
        }
        return nil
    }

    /// Returns whether a request has credentials that the key does not separate.
    private func hasCredentials(_ fields: HTTPFields, _ traits: RequestTraits) -> Bool {
        let present = traits.credentials.intersection(checkedCredentials)
        if !present.isEmpty {
            guard present == .cookie, !cookies.areIn(fields) else { return true }
        }
        return otherCheckedFields.contains { fields.contains($0) }
    }

    /// Whether a body that no field announces keeps a response from being stored once the handler has read it.
    var tracksBody: Bool { !separates.body }

    /// Returns the reason why a response must not be stored, or nil when it may be.
    func rejection(of reply: Reply, to exchange: Exchange) -> RefusalReason? {
        let status = reply.status.code
        guard status >= 200, !Self.neverStored.contains(status) else { return .status }
        if !namedStatuses.contains(status) {
            if status >= 400 || reply.thrownError != nil, !cachesErrors { return .error }
            if reply.thrownError != nil, !cachesThrownErrors { return .error }
        }
        guard sharing != .public else { return nil }
        if !storesSetCookie, reply.headerFields.contains(.setCookie) { return .setCookie }
        let cacheControl = CacheDirectives(reply.headerFields)
        if cacheControl.contains("no-store") { return .noStore }
        if cacheControl.contains("private"), !belongsToUser(exchange) { return .private }
        // Without validation such an entry could never be used.
        if cacheControl.contains("no-cache") { return .noCache }
        return coversVary(of: reply, to: exchange) ? nil : .vary
    }

    private func coversVary(of reply: Reply, to exchange: Exchange) -> Bool {
        reply.headerFields.members(of: .vary).allSatisfy { member in
            guard !member.hasBytes(of: "*"), let name = HTTPField.Name(String(member)) else { return false }
            // Negotiation covers gzip and identity. For another coding the key does not show which clients accept it.
            if name == .acceptEncoding, !separates.separates(name), !reply.headerFields.hasNegotiatedCoding {
                return false
            }
            return covers(name, of: exchange)
        }
    }

    private func covers(_ name: HTTPField.Name, of exchange: Exchange) -> Bool {
        if separates.separates(name) { return true }
        if name == .cookie, cookies.areAllSeparated(in: exchange.request.headerFields) { return true }
        // These identify the user, whom the key separates. Other credential fields, such as a tenant, may differ for one user.
        if name == .authorization || name == .cookie, credentialFields.contains(name) {
            return separates.user && Self.isNamed(exchange.userID)
        }
        switch name {
        // A format or language that was not negotiated is not in the key.
        case .accept: return separates.negotiatedFields.contains(name) && exchange.format != nil
        case .acceptLanguage: return separates.negotiatedFields.contains(name) && exchange.language != nil
        default: return separates.negotiatedFields.contains(name)
        }
    }

    /// Returns whether an entry belongs to one user, whom the application has named.
    private func belongsToUser(_ exchange: Exchange) -> Bool {
        sharing == .perUser && separates.user && Self.isNamed(exchange.userID)
    }

    /// Returns whether a key separates a user from anonymous ones, whose keys contain this text, as in drf-extensions.
    private static func isNamed(_ userID: String?) -> Bool {
        userID.map { !$0.hasBytes(of: "anonymous") } ?? false
    }
}

extension HTTPFields {
    /// Whether the content coding is one that negotiation chooses between: gzip, or none.
    fileprivate var hasNegotiatedCoding: Bool {
        guard let coding = value(of: .contentEncoding)?.utf8 else { return true }
        return coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("identity")
    }
}
