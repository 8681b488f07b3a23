//! What people say about certificates (流动党员活动证), in their words.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::kite::Kite;
use crate::magnet::Stay;
use crate::people::Person;

impl Kite {
    /// The address of its certificate.
    pub fn certificate(&self) -> String {
        format!("{}/certificate", self.path())
    }
}

impl Person {
    /// Issues the certificate of a journey.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all that follow.
    pub async fn certifies(&self, kite: &Kite) -> Answer {
        self.post(&kite.certificate(), &json!({})).await
    }

    /// Looks at the certificate of a journey.
    ///
    /// # Panics
    /// As [`Person::certifies`].
    pub async fn sees_certificate(&self, kite: &Kite) -> Answer {
        self.get(&kite.certificate()).await
    }

    /// Leads the certificate of a journey on with a verb, having looked at it first.
    ///
    /// # Panics
    /// As [`Person::certifies`].
    pub async fn leads_certificate(&self, kite: &Kite, verb: &str, body: &Value) -> Answer {
        self.tells(&kite.certificate(), verb, body).await
    }

    /// Takes a certificate back.
    ///
    /// # Panics
    /// As [`Person::certifies`].
    pub async fn revokes(&self, kite: &Kite) -> Answer {
        let reason = json!({ "reason": "登记信息有误" });
        self.leads_certificate(kite, "revoke", &reason).await
    }

    /// Enters the yearly review (年审), as the formal home.
    ///
    /// # Panics
    /// As [`Person::certifies`].
    pub async fn reviews(&self, kite: &Kite, year: i32) -> Answer {
        self.post(&format!("{}/reviews", kite.certificate()), &json!({ "year": year }))
            .await
    }

    /// Enters how the holder took part and paid dues, as the host.
    ///
    /// # Panics
    /// As [`Person::certifies`].
    pub async fn tells_conduct(&self, stay: &Stay, said: &str) -> Answer {
        let path = format!("{}/certificate/conduct", stay.path());
        self.post(&path, &json!({ "said": said })).await
    }

    /// The token of the own certificate, as the app keeps it.
    ///
    /// # Panics
    /// When it is not valid.
    pub async fn carries(&self) -> String {
        let own = self.get("/v1/me/certificate").await;
        own.is("valid").string("token").to_owned()
    }

    /// Checks a certificate that somebody shows.
    ///
    /// # Panics
    /// As [`Person::certifies`].
    pub async fn checks(&self, token: &str) -> Answer {
        self.post("/v1/magnet/certificates/check", &json!({ "token": token }))
            .await
    }

    /// Reports somebody who shows a certificate, as arrived today at the host whose name begins so.
    ///
    /// # Panics
    /// As [`Person::certifies`].
    pub async fn receives(&self, host: &str, token: &str) -> Answer {
        let host = self.shared.county.place(host).id;
        let body = json!({ "host_organisation_id": host, "token": token, "arrived_on": self.today() });
        self.post("/v1/magnet/certificates/report", &body).await
    }

    /// Verifies a stay by the certificate that the person shows.
    ///
    /// # Panics
    /// As [`Person::certifies`].
    pub async fn confirms_by_certificate(&self, stay: &Stay, token: &str) -> Answer {
        self.tells(&stay.path(), "confirm-by-certificate", &json!({ "token": token }))
            .await
    }
}
