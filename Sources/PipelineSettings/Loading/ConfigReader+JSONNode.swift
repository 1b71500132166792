import Configuration

extension ConfigReader {
    /// Returns a reader that has one value, under every key.
    static func reading(_ node: JSONNode) -> ConfigReader {
        ConfigReader(provider: JSONNodeProvider(node: node))
    }
}

/// A provider of a JSON value for a `ConfigReader`.
private struct JSONNodeProvider: ConfigProvider, ConfigSnapshot {
    let node: JSONNode

    var providerName: String { "settings" }

    /// The error for a value of another type. Values are not converted, so `"5"` is not a number and 1 is not true.
    private struct TypeMismatch: Error {}

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        guard let content = content(type) else { throw TypeMismatch() }
        return LookupResult(encodedKey: key.description, value: ConfigValue(content, isSecret: false))
    }

    private func content(_ type: ConfigType) -> ConfigContent? {
        switch (type, node.value) {
        case (.bool, .bool(let value)): .bool(value)
        case (.string, .string(let value)): .string(value)
        case (.int, .number(let text)): Self.integer(text).map { .int($0) }
        case (.double, .number(let text)): Double(text).map { .double($0) }
        case (.stringArray, .array(let elements)):
            .stringArray(
                elements.compactMap { element in
                    if case .string(let value) = element.value { value } else { nil }
                })
        default: nil
        }
    }

    /// Returns a number as an integer, or nil if it is not one. An integer literal is read exactly; a number with a
    /// fraction or exponent is read within the range in which a `Double` is exact.
    private static func integer(_ text: String) -> Int? {
        if let integer = Int(text) { return integer }
        guard text.contains(where: { ".eE".contains($0) }), let number = Double(text), number.magnitude < 0x1p53 else {
            return nil
        }
        return Int(exactly: number)
    }

    func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        try value(forKey: key, type: type)
    }

    func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey,
        type: ConfigType,
        updatesHandler: (ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchValueFromValue(forKey: key, type: type, updatesHandler: updatesHandler)
    }

    func snapshot() -> any ConfigSnapshot { self }

    func watchSnapshot<Return: ~Copyable>(
        updatesHandler: (ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchSnapshotFromSnapshot(updatesHandler: updatesHandler)
    }
}
