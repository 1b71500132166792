import ResponseCache

enum TenantKey: AttributeKey {
    typealias Value = String
}

struct TenantKeyBit: KeyBit {
    var inputs: ExchangeInputs { .attributes }

    func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange[TenantKey.self] ?? "none")
    }
}

/// A time that changes with every write.
protocol UpdatedAt: Sendable {
    var text: String { get }
}

struct UpdatedAtKeyBit: KeyBit {
    let updatedAt: any UpdatedAt

    func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(updatedAt.text)
    }
}

/// A server with stamps that several processes share.
protocol StampStore: Sendable {
    func current(_ name: String) async throws -> String
}

struct SharedStampKeyBit: AsyncKeyBit {
    let stamps: any StampStore

    func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        writer.write(try await stamps.current("cities"))
    }
}

struct CurrencyKeyBit: KeyBit {
    var inputs: ExchangeInputs { .headerFields }
    var separates: RequestSeparation { RequestSeparation(fields: [HTTPField.Name("X-Currency")!]) }

    func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange.request.headerFields[HTTPField.Name("X-Currency")!] ?? "EUR")
    }
}

/// The code of the guides of KeyConstructor.
func keyGuides(exchange: Exchange) async throws -> [KeyConstructor] {
    let tenant = KeyConstructor.safeDefault.adding(["tenant": .custom(TenantKeyBit())])

    let key: KeyConstructor = ["unique_method_id": .uniqueMethodID, "format": .format, "language": .language]
    print(try await key.explanation(for: exchange))
    // {"format": "json", "language": "en", "unique_method_id": "your_app.views.SometView.get"}
    print(try await key.key(for: exchange))
    // c6e0f1636878ef93e7a764b01fc011c8

    return [tenant, key]
}
