extension KeyConstructor {
    /// Method, format and language: drf-extensions' `DefaultKeyConstructor`.
    ///
    /// It holds neither the path parameters nor the query nor the user: use it as a base, and ``safeDefault`` as it is.
    public static let `default`: KeyConstructor = [
        "unique_method_id": .uniqueMethodID, "format": .format, "language": .language,
    ]

    /// What an answer can depend on when nothing is said about it: ``default``, the path parameters, the whole query,
    /// the user and the host. It is what a cache uses when it is given no constructor.
    public static let safeDefault = KeyConstructor.default.adding([
        "path_parameters": .pathParameters, "arguments": .arguments, "query_parameters": .queryParameters,
        "user": .user, "host": .host,
    ])
}
