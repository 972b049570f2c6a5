//! Signing keys made beforehand, sealed under the tests' master key: making RSA keys is the slowest part of a first start.

use latchkey::crypto::PublicJwk;
use latchkey::domain::operation::signing_key::{KeyState, SigningKeyRecord};
use latchkey::foundation::Timestamp;
use latchkey::storage::operation::signing_key;
use latchkey::storage::{Store, StoreSettings};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Puts the keys into an empty database, as if a server had been started on it at `now`.
pub async fn plant(database: &str, now: Timestamp) {
    let settings = StoreSettings::new(database.parse().expect("a URL"));
    let store = Store::connect(settings).await.expect("the database opens");
    store.migrate().await.expect("a schema");
    let records: Vec<_> = KEYS.into_iter().map(|key| record(key, now)).collect();
    let planted = store.transaction("test", async |tx| {
        for record in &records {
            signing_key::insert(tx, record).await?;
        }
        Ok(())
    });
    planted.await.expect("new keys");
}

fn record((state, jwk, sealed): (&str, &str, &str), now: Timestamp) -> SigningKeyRecord {
    let public_jwk: PublicJwk = serde_json::from_str(jwk).expect("a public key");
    SigningKeyRecord {
        id: public_jwk.kid().to_owned(),
        algorithm: public_jwk.algorithm(),
        state: if state == "next" { KeyState::Next } else { KeyState::Active { since: now } },
        sealed_private_key: STANDARD_NO_PAD.decode(sealed).expect("base64"),
        public_jwk,
        created_at: now,
    }
}

/// State, public key, sealed private key.
const KEYS: [(&str, &str, &str); 8] = [
    (
        "active",
        r#"{"kty":"RSA","kid":"2ON2odmByvfFwZq1voKw1yvZ4cf7ko_C2j2A-LLL-0Q","use":"sig","alg":"RS256","n":"vZdi64Su_CWbH3b-Nbp96OrXLP4N-VKkTiD66sVwy-xiuxZDeEMsKrBo9WlOPNJ4E37p07taHqnv5H2BVqJSvwkO1TYnnExOk9-sUJidvAaSlbMzrSrPyymOx6nDkwaQ5shMWqys-4defg6DP8DaJN4rGmQLYTafwhT_3M68GkbJ8wkCdqsqLOLtFy5lvRvq-bkfJA-ovfuREGTV3jTA-sxdUQJMXzIUs1Sg4EHjIhZYHjiuoNMc4NVrW1KT4b3sXR4TJbwY2xzS9gt1j36GDdG2PsCD-YARw2BWL7trp9pL4pYRb2InN7y_RSq0lpNSRtOA_J_VR8q5ghAT5IXayw","e":"AQAB"}"#,
        "AXuWbx5CVfFXQ9VV3p5fKh55/w9V8uokjVUWvIPKm3X8KZnEOJP+BzePKtzWr6R2EtZYec4igZXWFqzoyo+lFNXI2XrfhLjwELui\
         aXDRj1Cd9ahf3bTCx0vn9Nj3e4BVLdvHarGqWLIwVgas7zpgCf5kqR0ZLvWnMnPTTCk1/+TwKWxPYMuvLf3eCyV+30uKkFVU0xLs\
         Ie/7JROuBnhcy2ZJ1hphXcW9y6O4+NyQ1vWuEYTKWrXMQaWdkrQCg5174pSOTrJj1GTKCLxJEw95nTHMsaj/zWeUr8n2/39y9t5P\
         IqtCHvuHIqT1Ij/c8WuLgZo3ACrLqYqgJ+cOjdqHcg0n40c3/PVv57ts1N3Z0mL5LyuJX388L7k9J0aJZGEHC2xBlSYONN43Q1AI\
         FEDH0E1Y8P/S5av5iKkNgd2QL/vIyEcBSQ/4LLVQW2zn+bpNK4Eu0krgiOdZJdKrnTebNgL3/jOO8ymmS8zOcTw+RHukd4XnR4Yr\
         iOU+BE32Zy+pyw6VK6VNilByVeyRvWd2ctWwbbtyxnfUIUdVDN7qrF0533giCbFuvQYNZoT48HmTdOHEtr8wMf2x+6oddr6Nx4s4\
         SBccLzgX40TTaADjVZ/ZWS7g92FJitSqczACE/JKzwGaxSmXizkv7zkPAnQEVFI4Sgpl2oTeuQQxsFguxg6S8Q9W+FMBrb9t1fW3\
         ZYtnCVMuFXfktSL9zJIG5dDe7Nd5PVlhkcJ/CufzfgISAnr5bmln25Gs3chd78esuDUlm+4hk56tIHNu+Dui3gGBXeo4lC3MgR8U\
         ptlkKc3x7YaCBmbqv0RWTHiXUFD4JauwezbYWkqMdf9SqKAZZu1EcvfQxe+RJIHgMMuWM6IJBlXVJ8DDo9yeogNawUMlDyiwsjZi\
         LlVOJiVK5ESDYyTDPScUoSGrUFBHYlENJKGLK6RdUsiAN0H7Nk9OJoFHDV6/Sm/IZL3nkWZ/7R8uFUb9aSmFQ6hRLoUoR9vwNOj7\
         Hez4x3982mGcj2rwP0mmpEk9OOFZQG31yNdn14akJvMBorBLC5zldn5VEfqVKx8U+NaLQOn7eaYJaUlomhjE1TIwumlVDU2n+5A+\
         Rl0tzYLoSPKrtCncY89M7UQUUTPUacIxlZNtEd+zz4wxMX4xvDmOOQpg254rVEkPPmUAAdPAqk378jLpBdbBlzfvB/avaB6eGm73\
         E70g2ucsBOhpZXg/4zmaNIiifYj0B+s5B8UhzAReHPGF9p394okOzfO+rOMJGU0n/wfKgmR9OM1VEY4cvm83sJf1e/Lz/sENDf+C\
         YOoX9iQuW5/WASwCOiGrHRnXAlKL9an7AZdOP1dvOoSUX5QZpbMjJTZrTPOj2KfmlFcvYeMu5aGm8N0yY5bmvJ3P8iUCXLArEJd9\
         KpOkmtSv9aF4zdsbK420nAdqqO1QC4MR05A/Q2zp9F5TyIgXyFaRsi5T+w1sSKivHDWtOWPh2LXN5NN51R1nfQEtOryLgFIqD59p\
         pxZ4lv6ClT0bcdHPLl+Z3ZgoW3uc1tvsykNjj/Ee+LuyiJGpNQez2dOeWnh/vK1/pf+nPXsJf48ztn9lNBx8E5XBIIPfqO6FZilm\
         TERw9+d/42i0RZBo0gRIlM2j5WANXMUbNT8aOErUPyvj8imuewCiRAjcA22kaqE",
    ),
    (
        "next",
        r#"{"kty":"RSA","kid":"_QQPqPnqdZ27EugV4QH9TMoL0PrW9UK1uYa4ZlxdrHg","use":"sig","alg":"RS256","n":"s9vznxtgLZN0uAEt-OaERyZ6an8Yxov3bi4Pk6GTGEbZK_wim_0Os870XKsM-iX4ZolxRoRoPeWYFuKA1ai3NUrWMGGrfQI0raXwSiEAPA3vUXMoxzBg8KK1ZPLWtXcVDSV0RFOTdUzODS7zqUNgBLppScIZzd5lzJeqCf9RX1W54oNKBiz7xykXoNJOaWPcC84rkMabTEKMJdPeSTwZ470fa3SXvmkpfUJWnPTk0m7sT1y1T5O6TMIKD6dYaq-uOz6TyOM9XzBEgYeNu_Sq0o_wkRQP7g2cZ_ykPYM1w53L-R-MlqYQ8VUV8UTUA4MiJre_ERImT4MCRA0TsV14OQ","e":"AQAB"}"#,
        "AZei3ErFNOaAk8XFL9XI80so0W0AWnIuBCEkYaU6bDZYK6R3K9NKPTFHjGhit1nl/Y7UetEEmRH/k2VP5gDieo/jNag5sQqG4/PI\
         CpvLQD1FE1e/my07b/GFTH3lfISPvr6LnqwDB/V2N77X5wo0Q0TPScxh/e23hUMuhbvz2ENOcVyX41hZfQWAQGNcN60r9/y7Qfjx\
         sE8bT4CVqoXauVTCGOMpwXW37O7/zhcA46LABPbHZp9jKRhj2UMbp0xw25aBowRfHgAODelpE/d+2vDDhzQe0p9KPzUsVXy/bYzH\
         h/pcTDB/m9xgUqckW4k5OVdm/uVfSeNNn+N+GGZIFHnd7PEQxzAvx5/f0bINCnNwRjA/GDKJqTK5OGUMvc7b1eYfufmkoy5iaUTx\
         OaOJThFsOPmzJt0eHOFS+YXmZpgjWcSBiVxDXasvAfZlQWLTFoIOnEgbhqB84lE6XhtpW39BsS3WvYPXzV1vFJo8LBCDfVuKkSE4\
         0ht3cGKpBxYW4aAFRud4nkRV7565uqKOlMWAmnkO0xIzGyddKs9RwCzcWi9WEwCY4ypsq4xXpPXM0yA0l4sVg2prDF750qeL+2Ec\
         F08wrYmyQBqffkJtPNRPL6l34o3npCBmDfedlZWBCqQ/akEEls0HYQuz/AjtQAN7wSQc96pIK/MwVmOmXQoYv8FMeGKHX4TLai7U\
         NPaCbVbQ3hT/J8NQ4G/Z3Y/Nv+w11IsItFZ+5PjvNaGReM5kzDFU/c0eAnRCmTa1I1tYjkDkinQ7nMNr8YXHgddKNlSYiuoKTB6H\
         nDE2Tgc4bFawrdfC/SoViap0WM4p522nmPhw4XkSFFE8qLbqoGDpTOMoZCyAKe5MwwWlwuvjYXA8bwv3NUdyQBd5mffDemcpM6Tp\
         2lxOL5SV3Svsfnrnbf7lzR19J1lKz4MUCDSGOqUzSFrgWa8U311aMUPuFzCKytVxCIpxjbRXNzOj+HNt3vkQ8XSTr4Lq0zJhvz2b\
         TfUHufN89G/u8JqpgRvly2V0477B1V8B3jMmf8+unOuXY/FVoKLuxk6b8UmSG81CTXg28c4D4ogsgpsiYfD5K1sqJR3oQF1Rhb/9\
         Inetl34bN2PAwAyLIArqNREcSpN3Q5EXhOtDjMKHz3BixleqNh0U8KYLQMU5jGNQCMu9jBwVjW3AR/h8aY4ne0fDvflNKUTSKr1b\
         D22gPRIYCHiiyoNz48A54JWcAHwkyMq4e7qs2KIJhSwhv4IRZqboSaf3ie9Z6t7ZnvuKepH4gqd9kdcSpCT9tRrDOyZsDYTbGQ4D\
         AXB4BuSzgE5seaYVYaE7Wut76NRmI3iLseyNDaVRDM+LqTiDvpNu+r/4beCeICWMKt/ZSMBH/mqcGRPovcGUc/eHkSv6b5fcqNzX\
         GswgIcfKi3rP5GaNz345n5CU7RL9yzokuw1UYkEyLeT8E40XH6R71Na6f91F4IzY6cOLeB5WfYpam1JGhPY8xYaKduNcYBaGI2kK\
         XSdu+9E+xa3FaHoS2XvlLtCdgBDBVVU7EtkmA6b6S3rlVsjngVrNZu4gLMUKO/iVWNV60SiOmw7Fld8t7lDMVsr+fdAgf5nmafw4\
         x0NEawvkkPnFQeLfVxy66eMMiUqVH4nXDmgLUf1VsQOwsi6LnpVtze8FEAXFlw",
    ),
    (
        "active",
        r#"{"kty":"EC","kid":"vVRmFUe1oEIzcHkbxwm2XUXH-O0PewtWZTWZaeMNkSo","use":"sig","alg":"ES256","crv":"P-256","x":"BIJau9MeeTulT-rGvTLdM0NunrQMSnwBobyiiHBk7Bs","y":"FA84YNaDxrPoizdzJdRYngr6WOb_mOwWRxCqEK5u6tI"}"#,
        "AfZbfv/clVlD9xTSKfUc6tP9mxYfzjInziUdjwDMzAtpuwlUUgZAdQqpqrnDNxqNDGVA8fzlpNsgjvDS63bt4/KFejjnM0+xBwZc\
         ZHs4/ebvZYgnoFEEGTgCEJdloCmtbR76Yxqzoz2uWJ2mSNbUvd3phZ9J2BfI8l0Hzw9qj+cNf2DFBQQxwFAi7shW6qVKElUrA72B\
         egMQW6BZPzwAmGoeSY+oMFc",
    ),
    (
        "next",
        r#"{"kty":"EC","kid":"W3bzaVxVMaCJhuNFKGaSWfrJieRc1vk1PRY7qo9nrIw","use":"sig","alg":"ES256","crv":"P-256","x":"auTcJkaNc8XwdjMvt_msQEZZAFVdfdaIijkpsj4TdeA","y":"a7D_tqYkwtw6--Eroqi14L0dgVb6_g7SJlIBzAU1QdA"}"#,
        "AS6yAcgKeb80JseYQ0KEwCNr1naokCJcpnpHzOXngJgC+euN38cY6ygNZuLMpkyizUxLqQOEZ7NfZtfscrvwXQ0zDPJGiN+Hge3y\
         IOFF4+hCnGq18V0R8n7p7Xhe13qqRfSH3NYBCkjQ/gcCrVBLxw+FkFUgOs0sPq6dDQKf2u2hdaL1FVKGVWUvHpvHysxz+e4uo4ve\
         0krcf3v9SSS3p1hxJM5O7eA",
    ),
    (
        "active",
        r#"{"kty":"RSA","kid":"yPxd6uQITVGPdOmBbja96vmBWBLHmzEczmABPGT9xz0","use":"sig","alg":"PS256","n":"rhIYs3R1uXXZpIqH2jyXaEC9zzxO14bxJlKUJd373RWQc5-0vazlCwBiUCsHsYAy3b8tDeueqddQPZgrdW158vYF3xQXeiSRc9h8dpCt2mhQtPCB0PJNXk3cH2Xv-igAI28MLHhY_LhWQ7G5dR8JjYaDADsC6UadthWP6O61xVJSVyE5AEAkpUNdVA6XVn9oOYanu4A1EaVZ2YOBpKCESXsotnB6LbkfmKunAuZQIhRTM_VQaAjjRanxpZX3gsr7uTByu-wAGTPc37fRraC8Vs7e4SGwKTGQo0Jt0wkWP7Ilfm990V-zkek8WiPq1G9qiFu81fySIEPuYM-EaP7HBQ","e":"AQAB"}"#,
        "AdpIS5VQ5zWkl74SzyjCstaQcUGhWHth9ioBHqKd+gzxIWqOnu/RgB7JOhl645LeqsTQL8aj6GdEKd8J1Lzm5Dq1ZQJ1CFeCYbSB\
         c45s4TSrWIPDaJ37PUA7+pZcJyRjOgl9dWkueXAD09gXfjB0Y8YWyX20MOwRwydknSa3iApT9XYfPmuWITOB1KOlsPFD0ZMOF8mz\
         q5KVvG6qEsds3B+kcFnmTczGQUunUVikE/Q8A7vt/Ujg47NI9tLYKLsfBxyLOEJFi0jKI9i4tOEXay0k9I0Brfsxr0I6LDCwzo2S\
         ZdlXmjkh9p1aZAgxsBFWVg8q849f208b8vdV3Ry7avKGvxu0PDWRM/PR8SlWQreX6d5gFr+6V1YRPUOdd9BJk6U6LFKi2tZZU/tG\
         91mZfymg/BcNNflkWCYJdwhOf5TDmIYryb2pFBRbaK6dXhKxlNIr37EY7eSC5bfCqJr9EJ5peB91dWjpXH65blhE923WDpUFphCq\
         RwJCLFTlI9EjnF+nAaNeBABYPKn3cbMKJ69VtUN1hXOzc4uP+Vb0/SJtyqL+NSvtAyV5Q5ikle/qOqR5kK+5rsjaUSC9gq9FgheA\
         CwqSIOkXz4eF6UH0tAdVvcLZhIy09YVNZXlTJTZKcx8LJ1DiLdNA6gL8EbacyCXq+MUjzUcy/cZ+4JAB6hewZBlH6OWP/J0kBDbF\
         pigK9oVb8Lsxde+BUcFii83QR9L6s74ZXH7uAXrDTiak1rx1Wro7LgGR1qQAou5si+3JXIBFkY1a24QyUmEz4Idt1vNY8qTUlBxQ\
         /YDGmLvYU908pgHjrdJhcAdKTjohrGsikLdnrcrAW94YOzHSokFt08pyEGMJlDxb/DSXjxhsNel0yODaHmTMkXBCIS0ZSIYM+nWc\
         lPoGnByoFz4WENug9wG1AZq8E6X/dSU5/eH/+f9B3DO2tXziV/v24+tXUcnP1X8ybqm2A2yMgMwF5Xlm0ww1ErqoxbfFyNzTbL9I\
         2KFHb+PqIZ03oI6vYlYckP7/eOcFnFdZvXXK+JchQ4Ba2plKF6rBSUxmHMWTrpcKzsKB7gBNY2OF7u9B9DFVfmvZaHXbWgoCijK2\
         o3cUXOfHIyZL7FOlhy/r/27voWUG36Zz2fO+AO+95+LThU6p1tEkSeLk7RD1RkRrjuo62KaKPgH93WNT8D6A1EPvUenfx+w+8nCG\
         Z/w4BNFCW8Ph0svan+LWglDuTD5kyiuUXeeDkykEKIMZbyAYsvxn6dJbNVJnY9KG9waKKxHxaN0wP07XD9Z1GgByfvzoW1/Z0P7H\
         SvFViJ/8JW+o6WQvFjAjjXWWPM36AqgKlKZEO4C0ojiBcrljtbBlrNYdn0msgqimzF30s7XQXEBEUKJ6uzdjFLqp6A1tpn1jkaym\
         MQMf1p/PiHf8qMOZCW3E7/VEnbry4Rxv9Xz3rIv6TMbQKfrcfPXbn6AMJiS+er+upXtLOPiP06epyW+Sk/Xu+OYbp84oUhEmuIi/\
         nVSzIlNtcQLzq9SULh63LgxkvU17LwhNn36fYR+9jKOCBNbEPQqVMpwdXH2LzhYXPWCB0CXjoDrOslZTCLAHnKUYEK9vHJkHxB+8\
         ZqeTefjL5KfedvIXnxya7vOQYeTjbfQwPlmboIrVt+beOyyB+AkLedvyeqpTPw",
    ),
    (
        "next",
        r#"{"kty":"RSA","kid":"VAPnA1IUHzeIlEaWpt4JttlZcKkj-2M_5hVK4oiD8LI","use":"sig","alg":"PS256","n":"7d7BjhHyT0CrzV1miJo5O7oGEt1YVSVbaH9Cazpbd5m_kTGg2wzip5YJ2W5a3hlwvJlH6yXd2KLDdrRGrLEofaqWugJQ5Gc0oYfys6jYIPD0unq-YWCQeFMXP9Juxtxbza1-1IWQmHvfOoD-5KKMUC2_I6oXKm25DwVcv13rcddVH4_CpXEJsi-j2CuAHliLKFZhcnSoaJhZVdp7z5Y_QINeDbRN1teEBKkoiqDLcHNsvnW-EYmc-moSgeS98FWpmAD8xD-TmlqXYo9BLXmAKk1fbOnKw6hBSFy-MLiKo7zDgDkoQ5Rg8cQdLwQLd5IEa6n3XMV4TABlUPonk8oOYw","e":"AQAB"}"#,
        "AXyQI4XPQRIxunHfjRoH1SkMzmajN+vUHpj4dHfXqb+gHoOV4SyTykfM0ouk2msVYyaaXmyS0ZzJAnnRC/1Yx75tqS4pJSv6CEZm\
         vFiWZZ/sJacjrPlyY+NKPjeRAhQi6uKco3nGoTgNjSPyvAb5i35dLJhnaCxmVxrylLB6xLQ9eqxDm0ZeK01tzuhAukHKZeNbBYJn\
         F8sUNrDh+MnNN6Bzhzpyy0ybdO23Cw9EKDfjhQ73o8zb28ZlYqFl2OR3mbDmm1yDMOmVQdBFqobXgN8ZJDe0jN9z2AqixvGSy8pu\
         aYC8KI2C1QBIBTZrii1AOLvG1yr7M1aDz6MVUGE0Cmy2KxlJwLPseexh3oCNMcYTkQv6h9GKjgXUu95op0ob5npWVYZ30Lvc2NZr\
         0H/XUWg9hPVJR5+GGyDHkl/JcY2flJAlu0gu33v8psF0PDOs5W1UlUGAFKNdZOzioBXnr1H95u/dH6Xk+SdzD5JvP06V0urs/pkD\
         5ifh+Jz3FG3O7E5ww0U4L83qJdebOCNg/4OfVsLrmoxdgt3SQD6pXYaRflzf/kao/jMdF5hgJWA9rb0+cTGK1HT+sJFGYReIz5Cz\
         9qfq38CWDPG6GqCviUknKmrYB9pKGE4LZ2qSCdE2a5tJ4FEeKmKVWYdvs3S8YG5pvTUvhPm5lqwl+rmYveNX/D11mY06J0d3oLrJ\
         FkATjNbs8LqXNO+fCX4G/8+eGkNEeRdgqFVuQRFVz5LUUtHjq08ozENQSlKUE/0DNZcJh90TFGjCfCjUxG8WPp+T4ddrKQapYstr\
         XDTa03BOyNtyUM7dGMN7b0lH7JWrECQUCW9Fue3fZadt8YyhAkbiIQ0Rz56Ql8LCfY4xCjpCdI3oOlaMPd0ojl5evXb9zdVXs5Tp\
         qEOqD1yOqqGQBgHiW6hEUkFc1sZQNXZynW6dfyDddva4xue3Snw/n2R2TezUBOUsWayIk8ogw09LSDdsI3yez/bMQ+YeBkKspavt\
         81Z4mOQNUP2ZRbgtbij+h41qcn2wcxcJSaYTiP3RIq2L6OlfYaTtxek8QLcms8UV4gPM1e5G6ol2K9Ut6QCYiWs978Q5LhFsuKeg\
         yTymr9YYFQ1yM60TElvJMru+we2Pcr+QPdxsNa5m1NurblUXRs/1o8b4dlo9wolmD30LECjYT6EggcPlb6EURUEtkoFAUCmn4kx+\
         5CLiFqKzLISlfxMZ8a+d1fLFcJpzX8/FrDOW4Yei5iY8HA93CLd4E4+PyIRrdlXGsJdXr6lbdLn3mcG8QpkzP5eEtAZ3DaawYeP0\
         XTO88fCxi4L1PVtoJWJP084w3eITwfDddqzm0uOdbDg58Yj8Fk0BwOXNaKycmbOVGy4eCH1RSzC+6LkK9VQJnlYTNO70vGRFK2NO\
         sVfehADWRKvL/k0LOxx0C6gJ90PgdB1Um1Um5BPYNPTsz4zM7XKH+U/+6gUu71DzQHzcZSPsxlS8lhiUcgUYb6/gQHZ8j8nRiN1n\
         zcrBLtTFa/ZmGGDCQfn/OZ5lOBs1H6eAyf4E5C+CU8xdw6cFbdL1Y3OEap4weSlanR3JNYOF5a9m2xGNEcFpJtLU2GJ9rnaj4RaM\
         M6tVLwyw85zNVi7/lTXBYYyuYxgHhx7o/tO8jhK9Yyp9uFh3x072bbkwuX2O5A",
    ),
    (
        "active",
        r#"{"kty":"OKP","kid":"PjUKUoRxyAQAA3F7RWUA1rgBfC6wnWTKFFT65VP9e8I","use":"sig","alg":"EdDSA","crv":"Ed25519","x":"hSEPioxuFySt5aGGtBQyHVt-ClSukXrEzUz6NAg_QGI"}"#,
        "AYMEkR1DJORIkK9x7cV5zbUB77eY3rRSRU2zR08QJljRmlhWVWVYVF6qG73S4qaN+FcSkJux6LE3F9mV04Vm0b1OS+ArbcEfEGqt\
         uCs",
    ),
    (
        "next",
        r#"{"kty":"OKP","kid":"bFq5dXGcL8ZHEVFFeH2kxjOrnO_nuPsZ0OPgXqMIbxA","use":"sig","alg":"EdDSA","crv":"Ed25519","x":"9DOockUGcdGzMezWGZkJhqnpijeL7LoswreK_7UK8Ec"}"#,
        "AVKKNWRj24HhhbE0sU+nQrCJIGZZPca6IVzzFLa4UiUYvIGLuVuH1PQw4AV5GBTHMm5/eiYalS2JXcSmJZUhnZUp61QbeXVi7QjB\
         SOE",
    ),
];
