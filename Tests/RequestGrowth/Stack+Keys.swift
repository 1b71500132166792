import KeyConstructor

extension Stack {
    /// The keys by their names: the default key of a cache, and a key of every bit.
    static let keys: [String: KeyConstructor] = ["safe": .safeDefault, "every": every.memoizedForRequest()]

    private static let every: KeyConstructor = [
        "view": .uniqueViewID, "method": .uniqueMethodID, "format": .format, "language": .language, "user": .user,
        "scheme": .scheme, "host": .host, "coding": .contentCoding, "path": .path,
        "fields": .headers("*"), "field": .headers(["accept", "x_tenant", "cookie"]),
        "page": .queryParameters(["page", "x"]),
        "ignoring": .queryParameters(ignoring: ["utm_*", "*_*id", "fbclid"]),
        "parameters": .pathParameters, "id": .pathParameters(["id"]), "arguments": .arguments,
        "first": .arguments([0, -1]), "meta": .requestMeta("*"),
        "entries": .requestMeta(["SERVER_NAME", "SERVER_PORT", "PATH_INFO", "QUERY_STRING", "HTTP_X_TENANT"]),
        "cookies": .cookies("*"), "session": .cookies(["session", "csrf"]), "body": .bodyDigest(upTo: 1 << 20),
        "build": .constant("1"),
    ]
}
