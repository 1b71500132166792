import Configuration

extension ConfigReader {
    /// A reader that has one value, under every key.
    static func reading(_ node: JSONNode) -> ConfigReader {
        ConfigReader(provider: JSONNodeProvider(node: node))
    }
}

/// Gives a `ConfigReader` a value of a JSON document.
private struct JSONNodeProvider: ConfigProvider, ConfigSnapshot {
    let node: JSONNode

    var providerName: String { "settings" }

    /// A value is converted to no other form, so that `"5"` is not a number and 1 is not true.
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

    /// A number that is an integer: exactly as it is written, and with a fraction or exponent as far as a `Double` is exact.
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
